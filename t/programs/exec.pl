#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# exec: a missing program first, then another perl with a list, then sh with a line.
use strict;
use warnings;

my $round = @ARGV ? shift : 0;
$| = $round == 1;
print "round $round of $$, ", join(' ', map {rand} 1 .. 2), ' ', time, "\n";
if ($round == 0) {
    no warnings 'exec';
    print 'missing: ', (exec {'/nonexistent/program'} 'program', 'x') ? 'ran' : $!, "\n";
    $ENV{CROSSCUT_ROUND} = "set by $$";
    exec $^X, $0, 1 or die "exec: $!";
}
print "environment: $ENV{CROSSCUT_ROUND}\n";
exec "echo after exec: \$\$ && exit 6" or die "exec: $!";
