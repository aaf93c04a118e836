# SPDX-License-Identifier: GPL-2.0-or-later
# Integers, floats and arrays: numbers.pl COUNT
use strict;
use warnings;

my ($count) = @ARGV;
my ($state, $sum, @bins) = (1, 0);
for my $i (1 .. $count) {
    $state = ($state * 69069 + 1) & 0xffffffff;
    $sum += sqrt($state) / ($i + 0.5);
    $bins[$state % 97]++ if $state & 4;
}
printf "%.6f %d %d\n", $sum, $state, $bins[42] // 0;
