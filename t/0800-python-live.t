#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Python programs recorded without a machine, their inputs deleted, replayed: the same output,
# messages and status, wherever and whoever the user is.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Programs;
use Crosscut::Test;
use Test::More;

for my $row (grep { chosen($_->[0]) } @python_programs) {
    my ($name, $title, %with) = @{$row};
    live($name, title => "$name: $title", %with) if !$with{machine};
}

done_testing;
