#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The process: %ENV, @ARGV, $0, $$, ids, groups, @INC, %INC, $^X, priorities, limits, Config.
use strict;
use warnings;

use Config;
use FindBin;
use POSIX ();
use Sys::Hostname;

print "$0 is $$, child of ", getppid, ", arguments: ", join('|', @ARGV), "\n";
print "$_=$ENV{$_}\n" for keys %ENV;
print 'unset: ', (defined $ENV{CROSSCUT_NOT_THERE} ? 'there' : 'not there'), "\n";
$ENV{CROSSCUT_NEW} = "made by $$";
delete $ENV{HOME};
{
    local $ENV{TZ} = 'Asia/Tokyo';
    print join(' ', scalar grep {/^CROSSCUT_/} keys %ENV), ' ', $ENV{TZ}, "\n";
}
print 'now: ', join(' ', sort keys %ENV), "\n";
print "ids: $< $> | $( | $)\n";
print "perl $] $^V on $^O, $^X, started $^T, in $FindBin::Bin as $FindBin::Script\n";
print "include: $_\n" for @INC;
print "loaded: $_ from $INC{$_}\n" for keys %INC;
print 'host: ', hostname(), ', ', join(' ', (POSIX::uname())[0, 1, 4]), "\n";
print 'group: ', getpgrp, ', of the parent: ', getpgrp(getppid), ', priority: ', getpriority(0, 0),
    "\n";
print 'cwd: ', POSIX::getcwd(), ', terminal: ', (POSIX::isatty(1) ? 1 : 0), "\n";
print 'open files: ', POSIX::sysconf(POSIX::_SC_OPEN_MAX()), ', page: ',
    POSIX::sysconf(POSIX::_SC_PAGESIZE()), "\n";
print 'config: ', join(' ', @Config{qw(archname useithreads ivsize nvsize)}), "\n";
print "$_: ", `cat /proc/self/$_` for qw(comm cgroup);
$0 = "renamed $$";
open my $cmdline, '<', '/proc/self/cmdline' or die "cmdline: $!";
print 'now called ', join(' ', split /\0+/, <$cmdline>), "\n";
close $cmdline or die "cmdline: $!";
