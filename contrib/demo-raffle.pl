#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make demo` records: a raffle, which never goes the same way twice. It depends on a file, the clock,
# random numbers, hash order, its process id, and on another program.
use strict;
use warnings;

use List::Util qw(shuffle sum);
use POSIX qw(strftime);

my ($file) = @ARGV;
my (%tickets, $unpaid);
open my $in, '<', $file or die "$file: $!\n";
while (<$in>) {
    my ($name, $count, $paid) = split;
    $tickets{$name} = $count;
    next if $paid eq 'paid';
    warn "$file:$.: $name has not paid\n";
    $unpaid++;
}

chomp(my $kernel = qx(uname -r));
print 'Raffle of ', strftime('%F %T', localtime), ", drawn by process $$ on Linux $kernel\n";
printf "%10s %s\n", $_, '*' x $tickets{$_} for keys %tickets; # in hash order
my @drum = shuffle(map { ($_) x $tickets{$_} } keys %tickets);
printf "%d tickets in the drum, and the winner is... %s!\n", sum(values %tickets), $drum[rand @drum];
exit($unpaid ? 3 : 0);
