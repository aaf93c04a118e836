#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# fork, wait and waitpid, pipes between parent and children, grandchildren, exit statuses.
# Lines of children begin with "child" and their process id.
use strict;
use warnings;

use IO::Handle;
use IO::Pipe;
use POSIX qw(:sys_wait_h _exit);
use Time::HiRes qw(sleep);

my %shared = map { $_ => rand } 'a' .. 'f';
print "parent $$ before\n";

my %children;
for my $number (1 .. 4) {
    pipe my $reader, my $writer or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        close $reader;
        $writer->autoflush(1);
        print "child $$ is number $number, keys: ", join(' ', keys %shared), "\n";
        $shared{$$} = rand;
        sleep 0.02 * rand;
        print {$writer} "report of $$: $_ ", rand, ' ', time, "\n" for 1 .. $number;
        print "child $$ of ", getppid, " is done, ", scalar keys %shared, " keys\n";
        exit $number;
    }
    close $writer;
    $children{$pid} = $reader;
}
for my $pid (sort { $a <=> $b } keys %children) {
    my $reader = $children{$pid};
    print "parent read $.: $_" while <$reader>;
}
while ((my $pid = wait) > 0) {
    print "reaped $pid with ", $? >> 8, "\n";
}
print "none left: $!\n";

# A grandchild, killed children, a busy wait with WNOHANG, _exit.
my $pid = fork // die "fork: $!";
if (!$pid) {
    my $grandchild = fork // die "fork: $!";
    if (!$grandchild) {
        print "child $$ is a grandchild, ", join(' ', values %shared), "\n";
        exit 0;
    }
    waitpid $grandchild, 0;
    print "child $$ waited for $grandchild: $?\n";
    _exit(9) if STDOUT->flush;
}
my $polls = 0;
while (waitpid($pid, WNOHANG) == 0) {
    $polls++;
    sleep 0.002;
}
print "polled $polls times: ", WEXITSTATUS($?), ' ', (WIFEXITED($?) ? 'exited' : 'killed'), "\n";

$pid = fork // die "fork: $!";
if (!$pid) { sleep 10; exit 0 }
kill TERM => $pid;
print 'killed: ', waitpid($pid, 0) == $pid ? WTERMSIG($?) : 'no', "\n";

# A pipe to and from a copy of ourselves, and IO::Pipe.
$pid = open(my $from, '-|') // die "fork: $!";
if (!$pid) {
    print "line $_ of a forked pipe, $$\n" for 1 .. 3;
    exit 4;
}
print "parent got $_" while <$from>;
print 'closed: ', (close $from ? 0 : $? >> 8), "\n";
$pid = open(my $to, '|-') // die "fork: $!";
if (!$pid) {
    print "child $$ got $_" while <STDIN>;
    exit 0;
}
print {$to} "a line from $$, ", rand, "\n";
close $to or die 'close';
my $pipe = IO::Pipe->new;
$pid = fork // die "fork: $!";
if (!$pid) {
    $pipe->writer;
    print {$pipe} "through IO::Pipe, $$\n";
    exit 0;
}
$pipe->reader;
print 'parent got ', <$pipe>;
waitpid $pid, 0;
print "parent $$ after, ", join(' ', keys %shared), "\n";
