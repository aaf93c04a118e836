#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# cc-record in front of a command: its output, its input and its exit status are as without.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Crosscut::Test;
use POSIX ();
use Test::More;

my $dir = scratch('streams');
my $vm = build() . '/t/tools/vm';

sub record {
    my ($with, @arguments) = @_;
    return run(
        {dir => $dir, timeout => 120, %{$with}}, command('cc-record'), '--force', '-o',
        "$dir/run.vmlog", @arguments
    );
}

sub replays {
    my ($name) = @_;
    my $replay = run({dir => $dir, timeout => 120}, $vm, 'replay', "$dir/run.vmlog");
    return is($replay->{status}, 0, "$name: it replays identically") || diag($replay->{stderr});
}

my $run = record({}, '--', 'perl', '-e', 'print "out\n"; print STDERR "err\n"; exit 3');
is($run->{status}, 3, 'the exit status is the command\'s');
is($run->{stdout}, "out\n", 'stdout is the command\'s');
like($run->{stderr}, qr/^err$/m, 'stderr is the command\'s');
replays('a command that fails');

$run = record({}, 'sh', '-c', 'kill -SEGV $$');
is($run->{status}, 139, 'death by a signal is 128 + its number; -- may be left out');
replays('a command that dies');

$run = record({}, '--', 'perl', '-e', 'print pack "C*", 0..255; print "x" x 300_000');
is($run->{stdout}, pack('C*', 0 .. 255) . 'x' x 300_000, 'output is bytes, and may be long');
replays('long output');

$run = record(
    {stdin => "one\ntwo\n"}, '--', 'perl', '-ne',
    'print "$.: $_"; END { print -f STDIN ? "file" : "other" }'
);
is($run->{stdout}, "1: one\n2: two\nfile", 'stdin from a file is a file');
replays('stdin from a file');

$run = run(
    {dir => $dir, timeout => 120}, 'sh', '-c',
    'perl -e "print q(y) x 200_000" | '
        . command('cc-record')
        . ' --force -o run.vmlog -- perl -e \'local $/; print length(<STDIN>), -p STDIN ? " pipe" : " other"\''
);
is($run->{stdout}, '200000 pipe', 'stdin from a pipe is a pipe');
replays('stdin from a pipe');

$run = record({}, '--', 'perl', '-e', 'print <STDIN>, -t STDIN || -t STDOUT ? "terminal" : "none"');
is($run->{stdout}, 'none', 'from /dev/null there is nothing to read, and no terminal');

SKIP: {
    skip 'no script(1) here', 2 if !-x '/usr/bin/script';
    $run = run(
        {dir => $dir, timeout => 120}, 'script', '-qec',
        command('cc-record') . ' --force -o run.vmlog -- cat', '/dev/null'
    );
    is($run->{status}, 0, 'a terminal as stdin ends at once');
    like(
        $run->{stdout}, qr/stdin is a terminal: the command reads .dev.null/,
        'and a notice says so'
    );
}

# ---- a terminal is told how it goes

SKIP: {
    skip 'no script(1) here', 3 if !-x '/usr/bin/script';
    my $slow = 'echo here; sleep 1.3; printf half; sleep 1.3; echo " a line"; sleep 1.3';
    $run = run(
        {dir => $dir, timeout => 120},
        qw(script -qec), command('cc-record') . " --force -- sh -c '$slow' 2>&1", '/dev/null'
    );
    my $line = qr/\r\e\[Kcc-record: (\d+) s, \d+\.\d million instructions/;
    like($run->{stdout}, qr/$line/, 'elapsed time and progress, on one line');
    like(
        $run->{stdout}, qr/here\r\n(?:$line)+\r\e\[Khalf a line\r\n(?:$line)+\r\e\[K\z/,
        'which is gone before the command writes, and does not break its lines'
    ) or diag(explain $run->{stdout});
    $run = record({}, '--', 'sleep', '1.5');
    is($run->{stderr}, '', 'where stderr is no terminal, nothing is told');
}

# ---- what cannot be run

unlink "$dir/run.vmlog";
$run = record({}, '--', 'no-such-command');
is($run->{status}, 127, 'a command that does not exist: 127, as from a shell');
like($run->{stderr}, qr/^cc-record: no-such-command: command not found$/m, 'and the reason');

spew("$dir/plain", "text\n");
is(record({}, '--', './plain')->{status}, 126, 'a file that is not executable: 126');
ok(!-e "$dir/run.vmlog", 'no log is left of these');

$run = record({});
is($run->{status}, 125, 'no command: 125');
like($run->{stderr}, qr/which command\?/, 'and what is expected');
is(record({}, '--frobnicate', '--', 'true')->{status}, 125, 'an unknown option: 125');

# ---- where nothing can be put

my $fifo = "$dir/fifo";
POSIX::mkfifo($fifo, 0600);
for my $row (
    [$fifo, qr/is not a regular file/, 'a pipe'],
    ['/dev/full', qr/is not a regular file/, 'a device'],
    [$dir, qr/is a directory: name a file in it/, 'a directory'],
    ["$dir/none/x.vmlog", qr/No such file or directory/, 'a directory that is not there'],
    ['', qr/an empty name/, 'no name'],
) {
    my ($path, $reason, $name) = @{$row};
    $run =
        run({dir => $dir, timeout => 20}, command('cc-record'), '-o', $path, '--', 'sleep', '60');
    like(
        $run->{stderr}, qr/\Acc-record: .*$reason.*\n\z/,
        "-o with $name is told before anything runs"
    );
}
ok(-p $fifo && -c '/dev/full', 'and they are what they were');

record({}, '--', 'true');
my @again = (command('cc-record'), '--', 'sh', '-c', 'echo ran; exit 1');
my $kept = slurp("$dir/run.vmlog");
$run = run({dir => $dir, timeout => 60}, @again);
is($run->{status}, 125, 'a recording that is there already: 125');
is(
    $run->{stderr},
    "cc-record: run.vmlog: exists already: --force replaces it, -o FILE writes another\n",
    '… one line says what to do'
);
is($run->{stdout}, '', '… before the command has run');
ok(slurp("$dir/run.vmlog") eq $kept, '… and the recording stays');
splice @again, 1, 0, '--force';
is(run({dir => $dir, timeout => 60}, @again)->{stdout}, "ran\n", '--force runs it');
ok(slurp("$dir/run.vmlog") ne $kept, '… and replaces the recording');

my $race =
    command('cc-record') . ' -o race.vmlog -- sleep 3 & sleep 0.5; echo mine >race.vmlog; wait';
$run = run({dir => $dir, timeout => 60}, 'sh', '-c', $race);
like(
    $run->{stderr},
    qr{\Acc-record: \S+/race\.vmlog came to be while the command ran: the recording is \S+/race-2\.vmlog\n\z},
    'a file that comes to be meanwhile is not replaced'
);
is(slurp("$dir/race.vmlog"), "mine\n", '… and stays');
ok(-s "$dir/race-2.vmlog", '… beside the recording');
my $before = slurp("$dir/run.vmlog");
$run = run(
    {dir => $dir, timeout => 60}, command('cc-slice'), 'run.vmlog', '-o',
    "$dir/../" . ($dir =~ s{.*/}{}r) . '/run.vmlog'
);
like(
    $run->{stderr}, qr/is the recording itself: name another file/,
    'cc-slice does not write over its recording'
);
ok(slurp("$dir/run.vmlog") eq $before, 'which is there as before');

for my $option (qw(--help --version)) {
    $run = record({}, $option);
    is($run->{status}, 0, "$option works");
    like($run->{stdout}, qr/cc-record/, "$option says what this is");
}

done_testing;
