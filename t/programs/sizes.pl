#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes and reads of every size where their encodings change.
use strict;
use warnings;

my @sizes = (1 .. 600, 8180 .. 8200, 65530 .. 65540);
pipe my $in, my $out or die "pipe: $!";
my $sum = 0;
for my $n (@sizes) {
    my $text = join '', map { chr 33 + ($n * 7 + $_ * 13) % 90 } 1 .. $n;
    my $rest = $text;
    while (length $rest) {
        substr($rest, 0, syswrite($out, $rest, 32768)) = '';
        sysread $in, my $got, 32768;
        $sum += unpack '%32C*', $got;
    }
}
print scalar(@sizes), " sizes, sum $sum\n";
