#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The log reader and cc-log under AddressSanitizer and UndefinedBehaviorSanitizer: the same tests.
use strict;
use warnings;

use Test::More;

my $build = 'build/asan';
my @units = map {s/\.c\z//r} glob 't/unit/log_*.c';
my $flags = '-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all';
my @goals = map {"$build/$_"} 'bin/cc-log', 't/tools/make-plog', 't/tools/fuzz-plog', @units;

# Not ours to inherit from a `make check` around us.
delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS O CFLAGS)};

my $output = qx{mkdir -p $build; flock $build/.lock make -s O=$build CFLAGS='$flags' @goals 2>&1};
is($?, 0, 'cc-log and its unit tests are built with sanitizers') or do {
    diag $output;
    done_testing;
    exit;
};

local $ENV{CROSSCUT_BUILD} = $build;
local $ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';
for my $unit (@units) {
    $output = qx{timeout 300 $build/$unit 2>&1};
    is($?, 0, "$unit") or diag $output;
}
for my $test ('t/0100-log.t', 't/0110-log-damaged.t') {
    $output = qx{timeout 600 $^X $test 2>&1};
    is($?, 0, $test) or diag grep { !/^\s*(?:# )*ok / } split /^/, $output;
}

done_testing;
