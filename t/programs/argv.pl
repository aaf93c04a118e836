#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# <>, <<>>, $ARGV, eof and eof(), $., in-place editing with $^I, __DATA__, standard input.
use strict;
use warnings;

use File::Temp qw(tempdir);

my $dir = tempdir('argv-XXXXXX', DIR => '.', CLEANUP => 1);
for my $name (qw(a b c)) {
    open my $out, '>', "$dir/$name" or die "$name: $!";
    print {$out} map { "$name line $_ of $$ " . rand() . "\n" } 1 .. 3;
    close $out or die "$name: $!";
}

print "arguments: @ARGV\n";
@ARGV = ("$dir/a", "$dir/missing", "$dir/b");
while (<>) {
    print "$ARGV:$.: $_";
    print "-- end of $ARGV\n" if eof;
    close ARGV if eof;
    print "-- end of all\n" if eof();
}

@ARGV = glob "$dir/[abc]";
while (my $line = <<>>) {
    last if $line =~ /^b line 2/;
}
print "stopped in $ARGV at $.\n";
close ARGV;

{
    local ($^I, @ARGV) = ('.orig', "$dir/c");
    while (<>) {
        s/line/LINE/;
        print;
    }
}
open my $in, '<', "$dir/c" or die "c: $!";
print "edited: $_" while <$in>;
close $in;
print 'kept: ', join(' ', sort glob "$dir/*"), "\n";

@ARGV = ();
my $lines = 0;
while (<STDIN>) {
    print "stdin $.: $_" if ++$lines <= 3;
}
print "$lines lines on standard input, eof: ", (eof(STDIN) ? 1 : 0), "\n";

while (<DATA>) {
    print "data $. at ", tell(DATA), ": $_";
}
__DATA__
first
second, with a word
third
