#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What is written here is laid out as .clang-format, .perltidyrc, .perlcriticrc and .flake8 say.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $result = run({timeout => 600}, "$FindBin::Bin/../contrib/style");
SKIP: {
    skip $result->{stderr}, 1 if $result->{status} == 77;
    is($result->{stdout} . $result->{stderr}, '', '`make style` is clean');
}

done_testing;
