# SPDX-License-Identifier: GPL-2.0-or-later
# A statement that is reached so many times: the benchmark prints into it.
use strict;
use warnings;

my ($user, $total, %seen) = ('ada', 0);
for my $i (1 .. $ARGV[0]) {
    $seen{$user}++;
    $total += $i % 7;
}
print "$total $seen{ada}\n";
