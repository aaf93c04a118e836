#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Half a megabyte of random text, read back and printed.
use strict;
use warnings;

use File::Temp qw(tempfile);

my ($out, $name) = tempfile('heavy-XXXXXX', DIR => '.', UNLINK => 1);
for my $line (1 .. 4000) {
    print {$out} join(' ', $line, map {rand} 1 .. 6), "\n";
}
close $out or die "$name: $!";
open my $in, '<', $name or die "$name: $!";
my ($sum, $lines) = (0, 0);
while (<$in>) {
    print;
    $lines++;
    $sum += (split)[1];
}
print "$lines lines, $sum\n";
