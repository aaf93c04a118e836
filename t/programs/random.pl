#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Randomness: rand and srand by default and by choice, shuffles, /dev/urandom, temporary names.
use strict;
use warnings;

use File::Temp ();
use List::Util qw(sample shuffle);

print 'rand: ', join(' ', map {rand} 1 .. 5), "\n";
print 'int: ', join(' ', map { int rand 1000 } 1 .. 20), "\n";
print 'shuffle: ', join(' ', shuffle 1 .. 20), "\n";
print 'sample: ', join(' ', sample 5, 'a' .. 'z'), "\n";
print 'srand says ', srand, ', then ', rand, "\n";
print 'srand(42): ', srand 42, ' ', join(' ', map {rand} 1 .. 3), "\n";
print 'srand(time ^ $$): ', srand(time ^ $$), ' ', rand, "\n";

open my $urandom, '<:raw', '/dev/urandom' or die "/dev/urandom: $!";
sysread $urandom, my $entropy, 32;
print 'urandom: ', unpack('H*', $entropy), "\n";
close $urandom or die "/dev/urandom: $!";

my $walk = 0;
$walk += rand() < 0.5 ? -1 : 1 for 1 .. 10_000;
print "walked to $walk\n";
my %seen;
$seen{int rand 50}++ for 1 .. 1000;
print 'histogram: ', join(' ', map {"$_:$seen{$_}"} keys %seen), "\n";
my $temporary = File::Temp->new(DIR => '.', TEMPLATE => 'random-XXXXXXXX');
print "temporary: $temporary\n";
