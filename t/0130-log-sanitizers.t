#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The log reader and cc-log under AddressSanitizer and UndefinedBehaviorSanitizer: the same tests.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Sanitized;
use Test::More;

my $build = sanitized_build();
my @units = map {s/\.c\z//r} glob 't/unit/log_*.c';

my $failed = sanitized_make('bin/cc-log', 't/tools/make-plog', 't/tools/fuzz-plog', @units);
is($failed, undef, 'cc-log and its unit tests are built with sanitizers') or do {
    done_testing;
    exit;
};

local $ENV{CROSSCUT_BUILD} = $build;
local $ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';
for my $unit (@units) {
    my $output = qx{timeout 300 $build/$unit 2>&1};
    is($?, 0, "$unit") or diag $output;
}
for my $test ('t/0100-log.t', 't/0110-log-damaged.t') {
    my $output = qx{timeout 600 $^X $test 2>&1};
    is($?, 0, $test) or diag grep { !/^\s*(?:# )*ok / } split /^/, $output;
}

done_testing;
