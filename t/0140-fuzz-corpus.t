#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What fuzzing has found, and what leads it to all that there is to read: each input of t/fuzz/corpus
# is read without a finding of AddressSanitizer or UndefinedBehaviorSanitizer.
use strict;
use warnings;

use Test::More;

my $build = 'build/asan';    # that of t/0130, which may be at work there
my @targets = map {m{([^/]+)\z}} glob 't/fuzz/corpus/*';
my $flags = '-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all';
my @goals = map {"$build/t/fuzz/$_"} @targets;

# Not ours to inherit from a `make check` around us.
delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS O CFLAGS)};

my $output = qx{mkdir -p $build; flock $build/.lock make -s O=$build CFLAGS='$flags' @goals 2>&1};
is($?, 0, 'the targets of fuzzing are built with sanitizers') or do {
    diag $output;
    done_testing;
    exit;
};

my %sources = map { m{/([^/]+)\.c\z} => 1 } glob 't/fuzz/*.c';
delete $sources{'replay-corpus'};
is_deeply([sort keys %sources], \@targets, 'each has a corpus');

for my $target (@targets) {
    my @inputs = glob "t/fuzz/corpus/$target/*";
    $output = qx{timeout 100 $build/t/fuzz/$target @inputs 2>&1};
    is($?, 0, "$target: " . @inputs . ' inputs')
        or diag $output =~ s/\A(?:t\/fuzz\/.*\n)*(?=t\/fuzz\/)//r;
}

done_testing;
