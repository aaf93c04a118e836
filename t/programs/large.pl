#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads and writes of many megabytes in one call each.
use strict;
use warnings;

open my $out, '>:raw', 'large.bin' or die "large.bin: $!";
my $wrote = syswrite $out, 'x' x 21_000_000;
close $out;
open my $in, '<:raw', 'large.bin' or die "large.bin: $!";
my $got = sysread $in, my $buffer, 20_000_000;
print "$wrote $got ", unpack('%32C*', $buffer), "\n";
unlink 'large.bin';
