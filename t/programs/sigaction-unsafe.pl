#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# POSIX::sigaction without SA_SAFE: its handler interrupts perl anywhere. Refused by name, or exact.
use strict;
use warnings;

use POSIX qw(:signal_h sigaction);
use Time::HiRes qw(ualarm);

my $rang = 0;
sigaction(SIGALRM, POSIX::SigAction->new(sub { $rang++ })) or die "sigaction: $!";
ualarm 5000;
my $count = 0;
$count++ until $rang;
print "immediate, at $count\n";
