#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit tests in C (t/unit), each as a subtest.
use strict;
use warnings;

use Test::More;

my $build = $ENV{CROSSCUT_BUILD} || 'build';
my @units = map {s{\A.*/|\.c\z}{}gr} glob 't/unit/*.c';

# Its TAP lines, retold. What else it says goes to stderr.
sub relay {
    my ($unit) = @_;
    open my $output, '-|', "CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 $build/t/unit/$unit </dev/null"
        or die "$unit: $!";
    my $tests = 0;
    while (<$output>) {
        /\A(not )?ok \d+ - (\S+)/ or next;
        $tests++;
        ok(!$1, $2 =~ tr/_/ /r);
    }
    close $output;
    is($?, 0, 'it ends well');
    ok($tests, 'it tests something');
    return;
}

for my $unit (@units) {
    if (-x "$build/t/unit/$unit") {
        subtest $unit => sub { relay($unit) };
    }
    else {
        fail("$unit is not built: run `make units`");
    }
}

done_testing;
