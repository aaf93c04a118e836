#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Time-outs the old way: an immediate handler that dies in the middle of a system call.
use strict;
use warnings;

use POSIX qw(:signal_h sigaction);
use Time::HiRes qw(ualarm sleep);

my $count = 0;
sigaction(SIGALRM, POSIX::SigAction->new(sub { $count++; die "time-out $count of $$\n" })) or die "sigaction: $!";
pipe my $reader, my $writer or die "pipe: $!";
for my $round (1 .. 3) {
    my $done = eval {
        ualarm 20_000;
        sysread $reader, my $buffer, 1;
        1;
    };
    print $done ? "read\n" : "gave up: $@";
}
eval { ualarm 10_000; sleep 5; 1 } or print "slept: $@";
print {$writer} 'x';
close $writer;
print 'then: ', join('', <$reader>), ' ', rand, "\n";
