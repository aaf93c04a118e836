#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A data race of threads, recorded in a machine: each replay shows it the same way, and a replay can
# be copied while its threads run.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP qw(decode_json);
use Test::More;

# A thread that finds the interpreter gone ends by pthread_exit, which loads a library.
subtest 'daemon threads end while the interpreter does' => sub {
    my $daemons = vm_record(
        'daemons', [qw(python3 daemons.py)], language => 'python',
        programs => ['daemons']);
    is($daemons->{stdout}, "end\natexit\ndeleted\n", 'in the machine') or diag($daemons->{stderr});
    my ($told, $log) = sliced($daemons, 'python');
    succeeds($told, 'the run is sliced') or return;
    my $records = run({}, command('cc-log'), 'dump', $log)->{stdout};
    cmp_ok(scalar(() = $records =~ /^\[\d+\] leave/mg), '>', 0, 'threads ended in it');
    same(replay($log), $daemons, 'the replay is the same') for 1 .. 3;
};

for my $case (['that wait for it', qw(3 wait)], ['that ask for it later', 3]) {
    my ($what, @arguments) = @{$case};
    subtest "threads that never have the interpreter's lock, as it is at its end: those $what" =>
        sub {
        my $late = vm_record(
            'late', [qw(python3 late.py), @arguments], language => 'python',
            programs => ['late']);
        is($late->{stdout}, "the end\n", 'in the machine') or diag($late->{stderr});
        my ($told, $log) = sliced($late, 'python');
        succeeds($told, 'the run is sliced') or return;
        my $records = run({}, command('cc-log'), 'dump', $log)->{stdout};
        is(scalar(() = $records =~ /^\[\d+\] leave/mg), 3, 'three threads ended in it');
        same(replay($log), $late, 'the replay is the same');
        };
}

# A worker thread wakes a loop by a call that returns after the loop has gone on.
subtest 'native threads beside greenlets' => sub {
    plan skip_all => 'python3-gevent is not installed'
        if !-e '/usr/lib/python3/dist-packages/gevent';
    my $gevent = vm_record(
        'gevent', [qw(python3 gevent-threadpool.py)],
        language => 'python',
        programs => ['gevent-threadpool']);
    succeeds($gevent, 'in the machine') or return;
    my ($told, $log) = sliced($gevent, 'python');
    succeeds($told, 'the run is sliced') or return;
    my $records = run({}, command('cc-log'), 'dump', $log)->{stdout};
    like(
        $records, qr/^\[\d+\] switch place="in"/m,
        'the log says which calls were entered before others were over'
    );
    like($records, qr/^\[\d+\] heap/m, 'and when a thread took its heap');
    same(replay($log), $gevent, 'the replay is the same');
};

my $run = vm_record('races', [qw(python3 races.py)], language => 'python', programs => ['races']);
like($run->{stdout}, qr/\A\[\d+\] of 120000\n/, 'four threads race in the machine')
    or diag($run->{stderr});
my ($said, $slice) = sliced($run, 'python');
succeeds($said, 'the run is sliced') or BAIL_OUT('nothing to replay');
my ($sum) = $run->{stdout} =~ /\A\[(\d+)/;
cmp_ok($sum, '<', 120_000, 'additions were lost');

my @different =
    grep { $_->{stdout} ne $run->{stdout} || $_->{status} } map { replay($slice) } 1 .. 20;
is(scalar @different, 0, '20 replays lose the same ones') or diag($different[0]{stderr});

subtest 'the slice shows which thread ran when' => sub {
    my $dump = run({}, command('cc-log'), 'dump', '--json', $slice);
    my @records = map { decode_json($_) } split /\n/, $dump->{stdout};
    my %of;
    push @{$of{$_->{type}}}, $_ for @records;
    my %threads = map { ($_->{id} => 1) } @{$of{thread}};
    is_deeply([sort keys %threads], [0 .. 4], 'the main thread and the four');
    is(scalar @{$of{leave}}, 4, 'the four end');
    cmp_ok(scalar @{$of{drop}}, '>', 20, 'the interpreter is given up at many ops');
    is(scalar(grep { !defined $_->{ops} } @{$of{drop}}), 0, 'at known ones');
    my $held = 0;
    my $wrong = grep { ($held += $_->{type} eq 'take' ? 1 : -1) != ($_->{type} eq 'take') }
        grep { $_->{type} =~ /\A(?:take|drop)\z/ } @records[first_drop(@records) + 1 .. $#records];
    is($wrong, 0, 'and held by one at a time');
    my $text = run({}, command('cc-log'), 'dump', $slice)->{stdout};
    like($text, qr/^\[(\d+)\] thread id=3\n\[\1\] take *$/m, 'as text too');
};

# The first thread held the lock before there was a second.
sub first_drop {
    my (@records) = @_;
    my ($first) = grep { $records[$_]{type} eq 'drop' } 0 .. $#records;
    return $first;
}

subtest 'copies made while four threads are alive run to the end' => sub {
    my @lines = split /\n/, slurp(programs() . '/python/races.py');
    my ($line) = grep { $lines[$_ - 1] =~ /= more/ } 1 .. @lines;
    my @at = (1, 777, 40_000, 80_001, 120_000);
    my $dir = scratch('copies');
    spew("$dir/copies", "races.py $line @at\n");
    my $copied = replay(
        $slice, dir => $dir,
        options => ['--hook', test_hook('copy'), '--hook-output', $dir]);
    my $statuses = join '', map {"copy $_: status 0\n"} @at;
    same($copied, {%{$run}, stderr => $statuses}, 'the replay itself is the same');
    is(slurp("$dir/copy-$_"), $run->{stdout}, "so is a copy made at the ${_}th addition") for @at;
};

done_testing;
