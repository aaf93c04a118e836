#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Its own stdout and stderr, whatever they are.
use strict;
use warnings;

print "printed\n";
print STDERR "complained\n";
open my $file, '>>', '/dev/stdout' or die $!;
print {$file} "anew\n";
