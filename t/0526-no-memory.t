#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A replay whose own memory does not suffice says so in one line, whoever of it asked for some, and
# has shown what the program printed before.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my %programs = (perl => 'print "done\n";', python => 'print("done")');
my $refused =
    'this machine refuses \d+ kB of memory that the replay needs for itself: see ulimit -v';

my %slices;
for my $language (sort keys %programs) {
    my ($run, $slice) =
        live_record('one', [], language => $language, source => $programs{$language});
    is($run->{status}, 0, "a program in $language is recorded");
    $slices{$language} = $slice;
}

# Replays under a limit of the address space, of which a quarter is the replay's own.
sub limited {
    my ($language, @options) = @_;
    return run(
        {}, 'sh', '-c', 'ulimit -v 400000; exec "$0" "$@"',
        command("cc-$language-replay"), @options, $slices{$language});
}

sub ends_in_a_line {
    my ($language, $function) = @_;
    my $replay = limited($language, '--hook', test_hook('hoard') . "=$function");
    return subtest "$function ($language)" => sub {
        is($replay->{status}, 125, 'status 125');
        like($replay->{stderr}, qr/\Acc-$language-replay: $refused.*\n\z/, 'and a line says why');
        is($replay->{stdout}, "done\n", 'behind what the program printed');
    };
}

for my $language (sort keys %programs) {
    is(limited($language)->{status}, 0, "what there is suffices for a replay ($language)");
}
ends_in_a_line('perl', $_) for qw(malloc calloc realloc memalign strdup asprintf open_memstream);
ends_in_a_line('python', 'malloc');

done_testing;
