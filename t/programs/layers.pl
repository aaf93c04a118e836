#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Layers and encodings: :utf8, :encoding(...), :crlf, :raw, :bytes, binmode, "use open",
# PerlIO::scalar.
use strict;
use warnings;
use utf8;

use Encode qw(decode encode find_encoding);
use File::Temp qw(tempdir);

my $dir = tempdir('layers-XXXXXX', DIR => '.', CLEANUP => 1);
my $text = "Zażółć gęślą jaźń, $$: “naïve” 日本語 \x{1F600}\n";

binmode STDOUT, ':encoding(UTF-8)' or die "binmode: $!";
print $text, 'layers: ', join(' ', PerlIO::get_layers(*STDOUT)), "\n";

my %written;
for my $encoding (qw(UTF-8 UTF-16 UTF-16LE UTF-32BE iso-8859-2 cp1250 koi8-r shiftjis euc-jp)) {
    my $file = "$dir/$encoding";
    no warnings 'utf8';
    open my $out, ">:encoding($encoding)", $file or die "$file: $!";
    print {$out} $text;
    close $out or die "$file: $!";
    $written{$encoding} = -s $file;
    open my $in, "<:encoding($encoding)", $file or die "$file: $!";
    my $back = <$in>;
    close $in or die "$file: $!";
    printf "%-10s %3d bytes, %s", $encoding, $written{$encoding}, $back;
}
print "$_ took $written{$_}\n" for keys %written;

open my $out, '>:crlf', "$dir/crlf" or die "crlf: $!";
print {$out} "one\ntwo $$\n";
close $out or die "crlf: $!";
open my $in, '<:raw', "$dir/crlf" or die "crlf: $!";
print 'raw: ', join(
    ' ', map { sprintf '%02x', ord } split //,
    do { local $/; <$in> }
    ),
    "\n";
seek $in, 0, 0;
binmode $in, ':crlf';
print 'crlf: ', map {s/\n/<NL>/r} <$in>;
print "\n";
close $in or die "crlf: $!";

# A layer pushed and popped in the middle of a file.
open $in, '<', "$dir/UTF-8" or die "UTF-8: $!";
read $in, my $bytes, 4;
binmode $in, ':utf8';
read $in, my $characters, 4;
binmode $in, ':pop';
print length $bytes, ' bytes, then ', $characters, ' at ', tell $in, "\n";
close $in or die "UTF-8: $!";

# Malformed input, with and without a check.
open $out, '>:raw', "$dir/bad" or die "bad: $!";
print {$out} "ok \xC3\x28 \xFF end\n";
close $out or die "bad: $!";
{
    my @warnings;
    local $SIG{__WARN__} = sub { push @warnings, $_[0] =~ s/ at .*//sr };
    open $in, '<:encoding(UTF-8)', "$dir/bad" or die "bad: $!";
    my $line = <$in>;
    print "malformed: $line", map {"  $_\n"} @warnings;
    close $in or die "bad: $!";
}
print 'decode: ', eval { decode('UTF-8', "\xC3\x28", Encode::FB_CROAK) } // $@ =~ s/ at .*//sr,
    "\n";
print 'encode: ',
    join(' ', map { sprintf '%02x', ord } split //, encode('UTF-16BE', "a\x{1F600}")), "\n";
print find_encoding('latin1')->name, ' ', scalar(my @all = Encode->encodings(':all')),
    " encodings\n";

my $memory = '';
open $out, '>:encoding(UTF-16)', \$memory or die "memory: $!";
print {$out} 'ż';
close $out or die "memory: $!";
print 'in memory: ', unpack('H*', $memory), "\n";
