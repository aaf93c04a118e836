# SPDX-License-Identifier: GPL-2.0-or-later
# What a handler with SA_SIGINFO is told: who sent the signal, and of which child it is.
use strict;
use warnings;
use POSIX;
$| = 1;

my @told;
for my $signal (SIGUSR1, SIGCHLD) {
    my $action = POSIX::SigAction->new(sub { push @told, $_[1] }, POSIX::SigSet->new, SA_SIGINFO);
    sigaction($signal, $action) or die $!;
}
kill USR1 => $$;
my $mine = $told[0]{pid} == $$ ? 'mine' : 'foreign';
print "$mine $told[0]{code} $told[0]{uid} $told[0]{signo}\n";
my $child = fork // die $!;
POSIX::_exit(7) if !$child;
waitpid $child, 0;
print $told[1]{pid} == $child ? 'its child' : "process $told[1]{pid}", " ended: $told[1]{status}, $told[1]{code}\n";
