#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# cc-log on a slice that is as it should be.
use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $build = $ENV{CROSSCUT_BUILD} // 'build';
my $cc_log = "$build/bin/cc-log";
my $dir = tempdir(CLEANUP => 1);
my $plog = "$dir/a.plog";

# What a shell command printed on both outputs, and its status.
sub run {
    my ($command) = @_;
    my $output = qx{$command 2>&1};
    return ($output, $? >> 8);
}

my ($output, $status) = run("$build/t/tools/make-plog $plog 3");
is($status, 0, 'a slice can be written') or diag $output;

subtest 'the command line leads a new user' => sub {
    ($output, $status) = run("$cc_log --help");
    is($status, 0, '--help succeeds');
    like($output, qr/^  $_ /m, "--help lists $_") for qw(info stat verify dump pack);
    ($output, $status) = run("$cc_log --version");
    like($output, qr/\Acc-log \(Crosscut\) \d/, '--version');
    for my $command (qw(info stat verify dump pack)) {
        ($output, $status) = run("$cc_log $command --help");
        is($status, 0, "$command --help succeeds");
        like($output, qr/\AUsage: cc-log $command /, "$command --help shows its usage");
        ($output, $status) = run("$cc_log $command");
        is($status, 125, "$command without a file: status 125");
        ($output, $status) = run("$cc_log $command --nonsense $plog");
        is($status, 125, "$command with an unknown option: status 125");
    }
    ($output, $status) = run($cc_log);
    is($status, 125, 'no command: status 125');
    ($output, $status) = run("$cc_log frobnicate $plog");
    is($status, 125, 'unknown command: status 125');
    like($output, qr/\Acc-log: frobnicate: .*--help/, '... and says where they are listed');
    ($output, $status) = run("$cc_log dump $plog $plog");
    is($status, 125, 'a second file: status 125');
};

subtest 'info says where a slice comes from' => sub {
    ($output, $status) = run("$cc_log info $plog");
    is($status, 0, 'status');
    like($output, qr/^kind +plog$/m, 'kind');
    like($output, qr/^format +3$/m, 'version of the format');
    like($output, qr/^stage +make-plog$/m, 'stage');
    like($output, qr/^from\.file +run\.vmlog$/m, 'from which log');
    like($output, qr/^options +--pid 4711$/m, 'with which options');
    like($output, qr/^interpreter\.version +5\.36/m, 'for which interpreter');
    like($output, qr/^summary\.status +3$/m, 'how it ended');
    like($output, qr/^cut +false$/m, 'whole');
    my $info = decode_json(qx{$cc_log info --json $plog});
    is($info->{kind}, 'plog', '--json: kind');
    is($info->{manifest}{from}{sha256}, '0123', '--json: manifest');
    is($info->{summary}{status}, 3, '--json: summary');
    is($info->{sizes}{file_bytes}, -s $plog, '--json: size');
};

subtest 'verify accepts it' => sub {
    ($output, $status) = run("$cc_log verify $plog");
    is($status, 0, 'status');
    like($output, qr/\A\Q$plog\E: ok: plog, \d+ calls, \d+ records, \d+ frames$/, 'says so');
    ($output, $status) = run("$cc_log verify -q $plog $plog");
    is($output, '', '--quiet says nothing');
    my $verdict = decode_json(qx{$cc_log verify --json $plog});
    ok($verdict->{ok}, '--json: ok');
};

subtest 'dump prints op frames that a person can read' => sub {
    ($output, $status) = run("$cc_log dump $plog");
    is($status, 0, 'status');
    my @reads = grep {/ read\(/} split /\n/, $output;
    like(
        $reads[0],
        qr/\A\[\d+\] readline bin\/x\.pl:12 \(main::slurp\) read\(\d+, .*\) = 8192 → "first line\\n/,
        'a read: op, file, line, sub, call, result, content'
    );
    like($reads[2], qr/ = 0\b/, 'end of file');
    like(
        $output, qr/^\[13\] stat bin\/x\.pl:14 stat(?:64)?\("\/nonexistent".*\) = -1 ENOENT/m,
        'a failing call'
    );
    like($output, qr/^\[\d+\] print bin\/x\.pl:13 write\(1, "first line\\n".*\) = 11$/m, 'a write');
    like($output, qr/^\[0\] start pid=4711, .*argv=\["perl", "bin\/x\.pl", "café"\]/m, 'the start');
    like(
        $output, qr/^\[\d+\] exit bin\/x\.pl:15 _exit\(.*3\) = \?$/m,
        'a call that does not return'
    );
    like($output, qr/^\[\d+\] signal signal=SIGALRM, ops=12/m, 'a signal');
    like($output, qr/^\[\d+\] end status=3, ops=7$/m, 'the end');
    ($output, $status) = run("$cc_log dump --number --limit 4 $plog");
    like($output, qr/^\d+ +\[1\] readline .*→ "firs"\.\.\./m, '--number and --limit');
};

subtest 'dump --json prints one object a line' => sub {
    ($output, $status) = run("$cc_log dump --json $plog");
    is($status, 0, 'status');
    my @objects = map { decode_json($_) } split /\n/, $output;
    my ($read) = grep { $_->{type} eq 'call' && $_->{name} eq 'read' } @objects;
    is($read->{op}, 'readline', 'op');
    is($read->{file}, 'bin/x.pl', 'file');
    is($read->{line}, 12, 'line');
    is($read->{sub}, 'main::slurp', 'sub');
    is($read->{ret}, 8192, 'result');
    like((values %{$read->{out}})[0], qr/\Afirst line\nanother line 1\n/, 'content, not shortened');
    my ($write) = grep { $_->{type} eq 'call' && $_->{name} eq 'write' } @objects;
    is($write->{stream}, 'stdout', 'which output it was');
    my ($start) = grep { $_->{type} eq 'start' } @objects;
    is($start->{environment}[0], 'HOME=/root', 'environment');
    is($start->{environment}[1]{base64}, 'T0REPf/+', 'bytes that are not UTF-8');
    is($objects[-1]{type}, 'end', 'the end comes last');
};

subtest 'stat says what takes the space' => sub {
    ($output, $status) = run("$cc_log stat $plog");
    is($status, 0, 'status');
    like($output, qr/^  call +\d+ +\d+$/m, 'records by type');
    like($output, qr/^  read +\d+ +\d+$/m, 'calls by name');
    my $stat = decode_json(qx{$cc_log stat --json $plog});
    is($stat->{calls}{read}{count}, 9, '--json: nine reads');
    is($stat->{records}{end}{count}, 1, '--json: one end');
    cmp_ok($stat->{blobs}{references}, '>=', 4, 'what was read again is stored once');
    cmp_ok($stat->{blobs}{reference_bytes}, '>', 16384, '... all of it');
};

subtest 'an output that is full' => sub {
    $output = qx{$cc_log info $plog 2>&1 >/dev/full};
    $status = $? >> 8;
    is($status, 125, '/dev/full: status 125');
    like($output, qr/\Acc-log: standard output: No space left/, '... and says why');
};

done_testing;
