#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# POSIX::sigaction with safe handlers: dispatched between ops, as %SIG does it.
use strict;
use warnings;

use POSIX qw(:signal_h pause sigaction sigsuspend);
use Time::HiRes qw(ualarm);

my @log;
my $action = POSIX::SigAction->new(sub { push @log, "$_[0] after " . @log },
    POSIX::SigSet->new(SIGUSR2), SA_RESTART);
$action->safe(1);
sigaction(SIGUSR1, $action) or die "sigaction: $!";
sigaction(SIGALRM, $action) or die "sigaction: $!";
kill USR1 => $$ for 1 .. 3;
print join(', ', @log), "\n";

ualarm 5000;
my $count = 0;
$count++ until @log > 3;
print "alarm at $count\n";
ualarm 5000;
print 'sigsuspend: ', sigsuspend(POSIX::SigSet->new) // "$!", "\n";
ualarm 5000;
print 'pause: ', pause() // "$!", "\n";

my $old = POSIX::SigAction->new;
sigaction(SIGUSR1, undef, $old) or die "sigaction: $!";
print 'old: ', ref $old->handler, ', flags ', $old->flags, ', safe ', $old->safe ? 1 : 0, "\n";
print join(', ', @log), "\n";
