#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job: Python programs recorded in a machine, sliced, their inputs deleted, replayed: the
# same output, messages and status. Children are judged by their own slices.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Programs;
use Crosscut::Test;
use Test::More;

my @chosen = grep { chosen($_->[0]) } @python_programs;
my (@order, %group);
for my $row (@chosen) {
    my ($name, $title, %with) = @{$row};
    my $group = $with{group} // $name;
    push @order, $group if !$group{$group};
    push @{$group{$group}}, {name => $name, title => "$name: $title", %with};
}
vm_group($_, @{$group{$_}}) for @order;

done_testing;
