#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
use strict; use warnings;
our ($count, @few) = (0, 1, 0);
sub pair { my ($n) = @_;
    my @both = ($n, 0);
    return wantarray ? @both : $n;
}
require './asks.pm';
for my $i (1 .. 3) {
    my $got = pair($i);
    $count += $got;
}
{
    no warnings 'once';
    $DB::single = 1;
}
print "asked\n";
my $twice = sub { return 2 * shift };
my $sum = Asks::two($twice->($count));
$DB::trace = 1;
$sum++;
$DB::trace = 0;
$count = Asks::one($sum);
print "$count $sum\n";
