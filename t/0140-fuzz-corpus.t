#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What fuzzing has found, and what leads it to all that there is to read: each input of t/fuzz/corpus
# is read without a finding of AddressSanitizer or UndefinedBehaviorSanitizer.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Sanitized;
use Test::More;

my $build = sanitized_build();
my @targets = map {m{([^/]+)\z}} glob 't/fuzz/corpus/*';

my $failed = sanitized_make(map {"t/fuzz/$_"} @targets);
is($failed, undef, 'the targets of fuzzing are built with sanitizers') or do {
    done_testing;
    exit;
};

my %sources = map { m{/([^/]+)\.c\z} => 1 } glob 't/fuzz/*.c';
delete $sources{'replay-corpus'};
is_deeply([sort keys %sources], \@targets, 'each has a corpus');

for my $target (@targets) {
    my @inputs = glob "t/fuzz/corpus/$target/*";
    my $output = qx{timeout 100 $build/t/fuzz/$target @inputs 2>&1};
    is($?, 0, "$target: " . @inputs . ' inputs')
        or diag $output =~ s/\A(?:t\/fuzz\/.*\n)*(?=t\/fuzz\/)//r;
}

done_testing;
