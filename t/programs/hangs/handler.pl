# SPDX-License-Identifier: GPL-2.0-or-later
# A signal handler, run within a host call, that waits itself for what does not come.
use strict;
use warnings;
use POSIX qw(SIGALRM);

$| = 1;
pipe my $out, my $in or die;
POSIX::sigaction(SIGALRM, POSIX::SigAction->new(sub { print "in the handler\n"; sysread $out, my $byte, 1 }));
alarm 1;
print "waiting\n";
sysread $out, my $byte, 1;
print "got a byte\n";
