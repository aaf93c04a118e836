#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What is not replayed is refused by name, in one line, with status 125: threads, handlers that
# interrupt perl anywhere.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

# The first of slicing and replaying that says no.
sub refusal {
    my ($run, $slice) = @_;
    my $sliced = run({timeout => 120}, command('cc-slice'), $run->{log}, '-o', $slice);
    return $sliced if $sliced->{status} ne 0;
    return replay($slice);
}

sub refused {
    my ($program, $name, $title) = @_;
    return subtest $title => sub {
        my $run = vm_record($program, ['perl', "$program.pl"], programs => [$program]);
        succeeds($run, 'it runs in the machine') or return;
        my $slice = scratch('refused') . '/slice.plog';
        my $refused = refusal($run, $slice);
        is($refused->{status}, 125, 'status 125');
        is($refused->{stdout}, '', 'nothing is printed as if it were the program\'s');
        like(
            $refused->{stderr},
            qr/\Acc-(?:slice|perl-replay): [^\n]*$name[^\n]*\n\z/,
            'one line says what is not modelled'
        );
    };
}

refused('threads', qr/thread/i, 'a program that starts a thread');

# A handler of POSIX::sigaction without SA_SAFE runs wherever perl is; where it came inside a host
# call the replay is exact, elsewhere it is refused.
subtest 'POSIX::sigaction with an unsafe handler' => sub {
    my $run = vm_record(
        'sigaction-unsafe',
        [qw(perl sigaction-unsafe.pl)],
        programs => ['sigaction-unsafe']);
    succeeds($run, 'it runs in the machine') or return;
    my $slice = scratch('unsafe') . '/slice.plog';
    my $refused = refusal($run, $slice);
    if ($refused->{status} eq 125) {
        like(
            $refused->{stderr},
            qr/\Acc-(?:slice|perl-replay): [^\n]*(?:sigaction|SIGALRM|signal 14|ALRM)[^\n]*\n\z/,
            'refused, by name'
        );
    }
    else {
        same($refused, $run, 'or exact');
    }
};

done_testing;
