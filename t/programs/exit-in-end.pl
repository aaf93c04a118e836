#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# An END block decides the status.
use strict;
use warnings;

END { print "END saw $?\n"; $? = 40 + $? }
print "dies soon, $$\n";
$! = 2;
die "at the end\n";
