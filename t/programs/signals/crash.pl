# SPDX-License-Identifier: GPL-2.0-or-later
# A fault in a function in C: with a handler of the program's own, or without (crash.pl plain).
use strict;
use warnings;
use POSIX ();

$| = 1;
$SIG{SEGV} = sub { print "signal $_[0]\n"; POSIX::_exit(3) }
    if !@ARGV;
print "before\n";
unpack 'P8', pack 'J', 8;
print "after\n";
