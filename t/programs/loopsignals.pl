#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Signals where run loops begin and end all the time: comparison blocks, code in patterns, tied
# variables.
use strict;
use warnings;

use Time::HiRes qw(setitimer ITIMER_REAL);

package Counted { sub TIESCALAR { bless [], shift } sub FETCH { $_[0][0]++ } }

my ($signals, $seen, $total) = (0, 0, 0);
$SIG{ALRM} = sub { $signals++ };
setitimer ITIMER_REAL, 0.003, 0.003;
tie my $tied, 'Counted';
for (1 .. 20) {
    my @sorted = sort { ($seen += $signals) ? $a <=> $b : $a <=> $b } map {rand} 1 .. 1000;
    my $text = 'x' x 200;
    $text =~ /(?:x(?{ $seen += $signals }))*/;
    $seen += $signals * ($tied % 3) for 1 .. 200;
    $total += $signals;
}
setitimer ITIMER_REAL, 0;
print $signals > 0 ? "some signals\n" : "none\n", "$signals $seen $total\n";
