# SPDX-License-Identifier: GPL-2.0-or-later
# EV's handlers note signals and ends of children while callbacks compute.
use strict;
use warnings;
use EV;
use POSIX ();

$| = 1;
my ($sent, $status, $ended) = (0, 0, 0);
my $signal = EV::signal USR1 => sub { $sent++ };
my @children = map {
    my $n = $_;
    my $pid = fork // die;
    if (!$pid) { select undef, undef, undef, 0.02 * $n; kill USR1 => getppid; POSIX::_exit($n) }
    $pid;
} 1 .. 4;
my @watchers = map {
    EV::child $_, 0, sub { $status += $_[0]->rstatus >> 8; EV::break if ++$ended == 4 }
} @children;
my $busy = EV::timer 0, 0.001, sub {
    my %letters;
    $letters{$_ % 97} .= chr(65 + $_ % 26) for 1 .. 4000;
    return join ',', map { length } sort values %letters;
};
my $bound = EV::timer 20, 0, sub { EV::break };
EV::run;
print "signals: ", $sent > 0 ? 'some' : 'none', ", statuses $status, ended $ended\n";
