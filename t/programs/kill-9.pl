#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A program that kills itself: what it had not flushed is lost.
use strict;
use warnings;

local $| = 1;
print "flushed by $$\n";
$| = 0;
print "never seen\n";
kill KILL => $$;
sleep 5;
