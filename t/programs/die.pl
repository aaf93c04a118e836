#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# An uncaught die: message with line and handle, status from $!.
use strict;
use warnings;

open my $in, '<', $0 or die "$0: $!";
my $line = <$in> for 1 .. 3;
print "read three lines, $$\n";
warn "a warning first";
sub deep { my ($depth) = @_; die "too deep, in $$" if $depth > 5; return deep($depth + 1) }
deep(0);
