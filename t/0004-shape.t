#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A function fits on a screen, a file in a head, and a header says what each of its functions does.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Sources;
use Test::More;

my ($lines_of_function, $lines_of_file) = (60, 600);

my $texts = sources(qr/\.[ch]\z/, qw(bench contrib core logs runtimes t));

# The names of the functions of a file, each with how many lines its body has.
sub functions {
    my ($text) = @_;
    my %found;
    while ($text =~ /^(\w[^\n;{]*?\b(\w+)\((?:[^;{}]*?)\))\n\{\n(.*?)^\}$/gms) {
        $found{$2} = $3 =~ tr/\n//;
    }
    return \%found;
}

# The prototypes of a header without a comment above them, at their end, or above their group: what
# follows without an empty line.
sub uncommented {
    my ($text) = @_;
    my ($said, @silent) = (0);
    $text =~ s{^(/\*(?! ----).*?\*/)$}{// said}gms;
    $text =~ s{,\n\s+}{, }g;
    for (split /\n/, $text) {
        if (/^\/\/ said/) { $said = 1 }
        elsif (/^$/) { $said = 0 }
        elsif (/^(?!static|typedef|return)[a-z_][\w\s*]*?[\s*](\w+)\([^{]*;/ && !$said && !m{/\*}) {
            push @silent, $1;
        }
    }
    return @silent;
}

my (%long, %large, @silent, $count);
for my $file (sort keys %{$texts}) {
    my $lines = $texts->{$file} =~ tr/\n//;
    $large{$file} = $lines if $file =~ /\.c\z/ && $lines > $lines_of_file;
    my $functions = functions($texts->{$file});
    $count += keys %{$functions};
    $functions->{$_} > $lines_of_function and $long{"$file $_"} = $functions->{$_}
        for keys %{$functions};
    push @silent, map {"$file: $_"} uncommented($texts->{$file})
        if $file =~ m{\A(?:core|logs|runtimes)/.*\.h\z};
}
cmp_ok($count, '>', 2000, "$count functions are found");
is_deeply(\%long, {}, "no function has more than $lines_of_function lines");
is_deeply(\%large, {}, "no file has more than $lines_of_file lines");
is_deeply(\@silent, [], 'each prototype in a header has a comment');

done_testing;
