#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Signals from outside, at any op: alarm in busy loops, during sleep and read, die out of a loop,
# interval timers, SIGCHLD, SIGPIPE, a signal from another process.
use strict;
use warnings;

use Time::HiRes qw(alarm setitimer sleep time ITIMER_REAL);

my ($count, $rang) = (0, 0);
local $SIG{ALRM} = sub { $rang++; print "alarm $rang at count $count, ", time, "\n" };
for my $wait (0.01, 0.03) {
    alarm $wait;
    my $before = $rang;
    $count++ while $rang == $before;
    print "counted to $count\n";
}

setitimer(ITIMER_REAL, 0.004, 0.003);
my %seen;
while ($rang < 8) {
    my $key = int rand 500;
    $seen{$key} = join ' ', sort { $a <=> $b } $key, ($seen{$key} // 0) =~ /\d+/g;
    $count++;
}
setitimer(ITIMER_REAL, 0);
print scalar keys %seen, " keys, first ", (keys %seen)[0], ", count $count\n";

my $result = eval {
    local $SIG{ALRM} = sub { die "timeout at count $count\n" };
    alarm 0.02;
    while (1) {
        $count++;
        my @list = map { $_ * 2 } 1 .. $count % 7;
    }
};
print "died: $@";

print 'sleep: ', (eval { alarm 0.01; sleep 5 } < 4 ? 'interrupted' : 'not'), ", rang $rang\n";
pipe my $reader, my $writer or die "pipe: $!";
my $line = eval {
    local $SIG{ALRM} = sub { die "no line in time\n" };
    alarm 0.01;
    <$reader>;
};
print 'read: ', $line // $@;
alarm 0.01;
my $ready = select undef, undef, undef, 5;
print "select: $ready $!\n";

my $reaped = 0;
local $SIG{CHLD} = sub { $reaped++ while waitpid(-1, 1) > 0 };
for (1 .. 3) {
    my $pid = fork // die "fork: $!";
    if (!$pid) { sleep 0.01 * rand; exit 0 }
}
my $spins = 0;
while ($reaped < 3) { $spins++; rand }
print "reaped 3 after ", ($spins > 0 ? 'some' : 'no'), " spins: $spins\n";
local $SIG{CHLD} = 'DEFAULT';

my $got;
local $SIG{USR1} = sub { $got = "USR1 at count $count" };
my $parent = $$;
my $pid = fork // die "fork: $!";
if (!$pid) { sleep 0.01; kill USR1 => $parent; exit 0 }
$count++ until $got;
waitpid $pid, 0;
print "$got\n";

local $SIG{PIPE} = sub { print "broken pipe\n" };
close $reader;
print 'write: ', (syswrite($writer, 'x') // $!), "\n";
print "done with $count, rang $rang\n";
