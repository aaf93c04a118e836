#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Who writes when: buffered and unbuffered prints to both outputs, big prints, syswrite between.
use strict;
use warnings;

use IO::Handle;

print "buffered, $$\n";
print {*STDERR} "error output at once\n";
{
    local $| = 1;
    print 'no newline, but flushed ';
    printf {*STDERR} "%s %s\n", 'formatted', rand;
}
print "long line of ", join(',', map { int rand 1_000_000 } 1 .. 3000), "\n";
print {*STDERR} "after the long line\n";
print "buffered again\n";
syswrite STDOUT, "syswrite overtakes\n";
STDOUT->flush;
STDERR->blocking(1);
for my $i (1 .. 20) {
    $| = $i % 2;
    print "line $i ", 'x' x (rand 500), "\n";
    warn "warning $i\n" if $i % 5 == 0;
}
{
    local ($,, $\) = ('-', "!\n");
    print 'separated', $$, time;
}
binmode STDOUT;
print chr(200), chr 10;
print STDOUT map { pack 'N', rand 2**32 } 1 .. 10;
print "\n";
select STDERR;
print "selected error\n";
select STDOUT;
printf "%d bytes of zeros:%s:\n", 5000, "\0" x 5000;
print 'the end, without a newline';
