#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Threads of libraries that never hold the interpreter's lock, and share memory with each other and
# with who holds it. One machine for all programs; those whose packages are not installed are left
# out.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP qw(decode_json);
use Test::More;

# Program of t/programs/libraries, package.
my @rows = (
    ['turns.py'], ['elsewhere.py'], ['computes.py'], ['exits.py'], ['throws.py', 'g++'],
    ['zmq_.py', 'python3-zmq'], ['uvloop_.py', 'python3-uvloop'],
    ['grpc_.py', 'python3-grpcio']);
my $directory = programs() . '/libraries';
my @here = grep { !$_->[1] || installed($_->[1]) } @rows;
my @lacking = grep { $_->[1] && !installed($_->[1]) } @rows;
my %made = (
    'turns.so' => [qw(gcc turns.c)],
    'exits.so' => [qw(gcc exits.c)],

    # These call the C library's functions without stubs, as Rust's objects do.
    'direct.so' => [qw(gcc turns.c -fno-plt)],
    'exits-direct.so' => [qw(gcc exits.c -fno-plt)],
    installed('g++')
    ? ('throws.so' => [qw(g++ throws.cpp)], 'exits-cpp.so' => [qw(g++ exits.cpp)])
    : ());
my %library = map { $_ => scratch('turns') . "/$_" } keys %made;
for my $name (sort keys %made) {
    my ($compiler, $source, @options) = @{$made{$name}};
    succeeds(
        run(
            {}, $compiler, qw(-O1 -shared -fPIC), @options, '-o', $library{$name},
            "$directory/$source"
        ),
        "$name is made"
    );
}

my $run = vm_record(
    'natives', [qw(sh run.sh)],
    files => {
        'run.sh' => join(
            '',
            map {
                "/usr/bin/python3 $here[$_][0] </dev/null; echo \"=== $_ \$?\"; echo \"=== $_\" >&2\n"
            } 0 .. $#here
        ),
        map({ $_ => slurp($library{$_}) } sort keys %library),
        map { $_->[0] => slurp("$directory/$_->[0]") } @here
    });
succeeds($run, 'the programs run in the machine') or BAIL_OUT('nothing to slice');
my @outputs = group_outputs($run);
my @slices = vm_slices($run->{log});
my @own = group_processes($run, @slices);
is(scalar @own, scalar @here, 'each has a process');

for my $number (0 .. $#here) {
    subtest $here[$number][0] => sub {
        is($outputs[$number]{status}, 0, 'it runs in the machine')
            or diag($outputs[$number]{stderr});
        ok($own[$number]{slice}, 'it is sliced') or return diag($own[$number]{refused});
        my $expected = {%{$outputs[$number]}};
        $expected->{stdout} =~ s/^child .*\n//mg;    # children have slices of their own
        same(replay($own[$number]{slice}), $expected, 'replayed, three times: the same') for 1 .. 3;
    };
}

subtest
    'threads that compute for long: a replay passes by breakpoints no more often than it says' =>
    sub {
    my ($computes) = grep { $here[$_][0] eq 'computes.py' } 0 .. $#here;
    my $dump = run({}, command('cc-log'), 'dump', '--json', $own[$computes]{slice});
    my @times = map { decode_json($_)->{times} } grep {/"amidst"/} split /\n/, $dump->{stdout};
    my $passes = 0;
    $passes += $_ for @times;
    cmp_ok(scalar @times, '>', 100, 'they were stopped amidst their work');
    cmp_ok($passes, '<=', 200_000 + 2000 + 40 * @times, 'and are found again')
        ;    # PASSES, one place, twice PASSES_EACH (switches.c)
    note(scalar(@times) . " places, $passes passes");
    };

subtest 'threads that end by pthread_exit: what each child of exits.py saw' => sub {
    my ($exits) = grep { $here[$_][0] eq 'exits.py' } 0 .. $#here;
    children_agree($outputs[$exits], @slices);
};

for my $row (@lacking) {
SKIP: {
        skip "$row->[1] is not installed", 1;
    }
}

subtest 'the slice says where the machine went from one thread to another' => sub {
    my $dump = run({}, command('cc-log'), 'dump', '--json', $own[0]{slice});
    my %places;
    push @{$places{$_->{place}}}, $_
        for grep { $_->{type} eq 'switch' } map { decode_json($_) } split /\n/, $dump->{stdout};
    for my $place (qw(in at behind amidst)) {
        cmp_ok(scalar @{$places{$place} // []}, '>', 0, "$place calls, locks or code");
    }
    my ($line) = grep {$_} $outputs[0]{stdout} =~ /^CDLL queue (\w+)/;
    like($line, qr/(.)(?!\1)./, 'threads took turns in it') or diag($outputs[0]{stdout});
};

done_testing;
