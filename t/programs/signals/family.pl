# SPDX-License-Identifier: GPL-2.0-or-later
# A parent that does what cannot be sliced, after its first child was made and before its second one.
use strict;
use warnings;
use POSIX ();

$| = 1;

sub child {
    my ($name) = @_;
    my $pid = fork // die;
    return waitpid $pid, 0 if $pid;
    print "$name child of ", getppid > 1 ? 'a parent' : 'nobody', "\n";
    exit 0;
}

print "parent\n";
child('first');
my $done = 0;
POSIX::sigaction(POSIX::SIGALRM, POSIX::SigAction->new(sub { $done = 1 }));
alarm 1;
my $n = 0;
$n++ until $done;
child('second');
print "parent ends\n";
