#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Clocks and waiting: time, localtime, gmtime, times, Time::HiRes, sleep, select, $^T.
use strict;
use warnings;

use POSIX ();
use Time::HiRes qw(clock clock_getres clock_gettime gettimeofday nanosleep sleep tv_interval usleep
    CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME);
use Time::Local qw(timegm timelocal);

my $started = [gettimeofday];
print 'time ', CORE::time(), ', started ', $^T, ", HiRes ", Time::HiRes::time(), "\n";
print 'localtime: ', scalar localtime, ' | ', join(' ', localtime), "\n";
print 'gmtime: ', scalar gmtime, ' | ', join(' ', gmtime), "\n";
print 'gettimeofday: ', join('.', gettimeofday), "\n";
printf "clocks: %.9f %.9f %.9f, resolution %g\n", clock_gettime(CLOCK_REALTIME),
    clock_gettime(CLOCK_MONOTONIC), clock_gettime(CLOCK_PROCESS_CPUTIME_ID),
    clock_getres(CLOCK_MONOTONIC);
print 'times: ', join(' ', times), ', clock: ', clock(), "\n";
print 'POSIX: ', join(' ', POSIX::times()), ' ', POSIX::clock(), "\n";

for my $wait (0.001, 0.002, 0.003) {
    my $before = [gettimeofday];
    my $slept = sleep $wait;
    printf "sleep %.3f took %.6f, says %.9f\n", $wait, tv_interval($before), $slept;
}
print 'usleep: ', usleep(1500), ', nanosleep: ', nanosleep(1_500_000), "\n";
my ($found, $left) = select undef, undef, undef, 0.004;
print "select: $found, $left\n";
my $before = clock_gettime(CLOCK_MONOTONIC);
my $spins = 0;
$spins++ while clock_gettime(CLOCK_MONOTONIC) - $before < 0.002;
print "spun $spins times\n";
my ($second, $ticks) = (CORE::time(), 0);
$ticks++ while CORE::time() == $second && $ticks < 5000;
print "ticks: $ticks\n";

my @now = localtime;
print 'timelocal: ', timelocal(@now), ', timegm: ', timegm(gmtime), "\n";
print 'the year 2038: ', scalar gmtime 2**31, ', before 1970: ', scalar gmtime -1, "\n";
print 'far: ', scalar gmtime(1e11), ' ', scalar localtime(1e10), "\n";
print 'strftime: ', POSIX::strftime('%Y-%m-%d %H:%M:%S %z %Z %a %j', @now), "\n";
print 'mktime: ', POSIX::mktime(@now), ', asctime: ', POSIX::asctime(@now);
printf "elapsed: %.6f\n", tv_interval($started);
