#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Long stretches with no host call between them: sieve, matrices, strings, recursion, hashes.
use strict;
use warnings;

my $limit = 20_000 + int rand 100;
my @composite;
for my $i (2 .. sqrt $limit) {
    next if $composite[$i];
    for (my $j = $i * $i; $j <= $limit; $j += $i) { $composite[$j] = 1 }
}
print 'primes: ', scalar(grep { !$composite[$_] } 2 .. $limit), " up to $limit\n";
my @matrix = map {
    [map {rand} 1 .. 20]
} 1 .. 20;
my $trace = 0;
for my $i (0 .. 19) {
    for my $j (0 .. 19) { $trace += $matrix[$i][$j] * $matrix[$j][$i] }
}
print "trace: $trace\n";
sub fib { my ($n) = @_; return $n < 2 ? $n : fib($n - 1) + fib($n - 2) }
print 'fib: ', fib(16), "\n";
my $text = join '', map { chr 97 + rand 26 } 1 .. 20_000;
my %pairs;
$pairs{substr $text, $_, 2}++ for 0 .. length($text) - 2;
my ($most) = sort { $pairs{$b} <=> $pairs{$a} } keys %pairs;
print "most frequent: $most $pairs{$most} of ", scalar keys %pairs, "\n";
print 'words: ', scalar(() = $text =~ /[aeiou][^aeiou]+/g), "\n";
