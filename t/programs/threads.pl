#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Threads: refused with a clear message.
use strict;
use warnings;
use threads;

print "before, $$\n";
my $thread = threads->create(sub { return 6 * 7 });
print 'joined: ', $thread->join, "\n";
