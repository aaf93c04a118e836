#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Standard input by line, by record, by getc, by sysread; counts words, in hash order.
use strict;
use warnings;

my $first = <STDIN>;
print 'first: ', $first // "nothing\n";
print 'getc: ', join(' ', map { ord(getc(STDIN) // "\0") } 1 .. 3), "\n";
read STDIN, my $block, 40;
print "block: $block\n";
my %count;
while (my $line = <STDIN>) {
    $count{$_}++ for split ' ', $line;
}
print "$_ $count{$_}\n" for sort { $count{$b} <=> $count{$a} } keys %count;
print "lines: $., eof ", (eof STDIN ? 1 : 0), ', sysread ', sysread(STDIN, $block, 10), "\n";
