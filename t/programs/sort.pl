#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# sort: by code, by sub, stable, reverse, multi-key, Schwartzian, in place, die and return inside.
use strict;
use warnings;

my @numbers = map { int rand 1000 } 1 .. 30;
my @pairs = map { [$_ % 5, $_] } @numbers;

print 'text: ', join(' ', sort @numbers), "\n";
print 'numeric: ', join(' ', sort { $a <=> $b } @numbers), "\n";
print 'reverse: ', join(' ', reverse sort { $a <=> $b } @numbers), "\n";
sub by_last { return substr($a, -1) cmp substr($b, -1) || $b <=> $a }
print 'by sub: ', join(' ', sort by_last @numbers), "\n";
my $by = sub { $b->[0] <=> $a->[0] };
print 'stable: ', join(' ', map {"$_->[0]:$_->[1]"} sort $by @pairs), "\n";
sub prototyped($$) { my ($left, $right) = @_; return $left <=> $right }
print 'prototype: ', join(' ', sort prototyped @numbers), "\n";
print 'schwartzian: ',
    join(' ',
    map { $_->[1] } sort { $a->[0] cmp $b->[0] } map { [scalar reverse($_), $_] } @numbers),
    "\n";
@numbers = sort { $a <=> $b } @numbers;
print "in place: @numbers\n";
my $compared = 0;
my @random = sort { $compared++; rand() <=> 0.5 } 1 .. 20;
print "inconsistent: @random after $compared\n";
print 'die: ', (
    eval {
        my @x = sort { die "comparing $a\n" if $a == 13; $a <=> $b } 1 .. 20, 13;
        1;
    } ? 'no' : $@
);
my %count;
$count{int rand 10}++ for 1 .. 100;
print 'hash by value: ',
    join(' ', map {"$_=$count{$_}"} sort { $count{$b} <=> $count{$a} } keys %count), "\n";
print 'nested: ', join(
    ' ',
    sort {
        (sort { $b <=> $a } split //, $a)[0] <=> (sort { $b <=> $a } split //, $b)[0]
    } @numbers[0 .. 9]
    ),
    "\n";
print 'unicode: ', join(' ', map { sprintf '%x', ord } sort map {chr} 0x17c, 0x61, 0x1F600, 0x7a),
    "\n";
