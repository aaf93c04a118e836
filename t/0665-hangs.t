#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs that do not end: a recording of one is kept up to where it is ended, and is sliced, replayed
# and debugged like any other.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $out = scratch('out');
my $dir = scratch('hangs');
for my $file (glob programs() . '/hangs/*') {
    my ($name) = $file =~ m{([^/]+)\z};
    spew("$dir/$name", slurp($file));
}

# A recording that begins now: its process, when the command has printed all that `said` asks for.
sub begun {
    my ($name, $said, @command) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        chdir $dir or POSIX::_exit(127);
        open STDIN, '<', '/dev/null' or POSIX::_exit(127);
        open STDOUT, '>', "$out/$name" or POSIX::_exit(127);
        open STDERR, '>', "$out/$name.err" or POSIX::_exit(127);
        exec command('cc-record'), '-o', "$out/$name.vmlog", '--', @command or POSIX::_exit(127);
    }
    my $until = time + 200;
    sleep 0.05
        while time < $until && grep { !-e "$out/$name" || slurp("$out/$name") !~ $_ } @{$said};
    return $pid;
}

# The status of a recording that is told to end by these signals, one when the last one was heard.
sub ended {
    my ($name, $pid, @signals) = @_;
    for my $signal (@signals) {
        kill $signal => $pid;
        my $until = time + 60;
        sleep 0.05 while @signals > 1 && time < $until && slurp("$out/$name.err") !~ /passed on/;
    }
    waitpid $pid, 0;
    return $? >> 8;
}

sub processes {
    my ($name) = @_;
    return decode_json(
        run({timeout => 120}, command('cc-slice'), '--list', '--json', "$out/$name.vmlog")->{stdout}
    );
}

my $hint = 'the recording was ended here';

subtest 'SIGINT is the command\'s first, then ends the recording' => sub {
    my @server = (
        'perl', '-e',
        '$SIG{INT} = sub { print "bye\n"; exit 3 }; $| = 1; print "up\n"; sleep 9 while 1'
    );
    my $pid = begun('polite', [qr/up/], @server);
    is(ended('polite', $pid, 'INT'), 3, 'a command that ends at it gives its own status');
    is(slurp("$out/polite"), "up\nbye\n", 'and is heard');
    $server[2] =~ s/INT\} = sub.*?};/INT} = 'IGNORE';/;
    $pid = begun('deaf', [qr/up/], @server);
    is(
        ended('deaf', $pid, 'INT', 'INT'), 130,
        'a second one ends the recording of one that does not: 130'
    );
    like(
        slurp("$out/deaf.err"), qr/not over when SIGINT came: \S+ holds the run up to there$/m,
        'which is told'
    );
    my ($process) = processes('deaf');
    is_deeply([map { $_->{running} } @{$process}], [JSON::PP::true], 'and the process was running');
};

subtest 'cc-record --timeout' => sub {
    my $log = "$out/timeout.vmlog";
    my $run = run(
        {dir => $dir, timeout => 120}, command('cc-record'), '--timeout', '1.5', '-o', $log,
        '--', 'perl', '-e', '$| = 1; print "a\n"; 1 while 1'
    );
    is($run->{status}, 124, 'ends a recording with 124');
    like(
        $run->{stderr}, qr/\Acc-record: the command was not over after 1\.5 s \(--timeout\): /,
        'which is told'
    );
    my $slice = "$out/timeout.plog";
    succeeds(
        run({timeout => 120}, command('cc-slice'), '-o', $slice, $log),
        'what came until then is sliced'
    );
    my $again = replay($slice);
    is($again->{status}, 124, 'the replay ends so, too');
    is($again->{stdout}, "a\n", 'with the output');
    is(
        $again->{stderr}, "cc-perl-replay: $hint (timeout): the run was not over; it was at work\n",
        'and says why'
    );
    is(
        run({}, command('cc-record'), '--timeout', $_, '--', 'true')->{status}, 125,
        "--timeout $_ is none"
    ) for '0', '-1', '5x', '';
};

# What each of them says until it hangs.
my %says = (
    'deadlock.py' => ["moving x\nmoving y\n"],
    'busy.py' => ["computing\n"],
    'stuck.py' => ["printing\n"],
    'server.py' => ["served b'hello\\n'\n"],
    'pool.py' => ["result 0\nresult 1\nresult 4\n", '', ''],
    'spin.pl' => ["parent spins\n", "child sleeps\n"],
    'handler.pl' => ["waiting\nin the handler\n"],
);
my @lines = map { split /^/ } map { @{$_} } values %says;
my $pid = begun('all', [map {qr/^\Q$_\E/m} @lines], 'sh', 'all.sh');
sleep 0.5;
is(
    ended('all', $pid, 'TERM'), 143,
    'SIGTERM ends the recording of seven programs that do not end: 143'
);
mkdir "$out/all.slices";
succeeds(
    run({timeout => 200}, command('cc-slice'), '-o', "$out/all.slices/", "$out/all.vmlog"),
    'all are sliced'
);

my (%found, %last);
for my $slice (sort glob "$out/all.slices/*log") {
    my ($name) = $slice =~ /\d+-(\w+\.\w+)\.\w+\z/;
    my $again = replay($slice);
    push @{$found{$name}}, $again->{stdout};
    is($again->{status}, 143, "$name: the replay's status is the recording's");
    like(
        $again->{stderr}, qr/\A\S+: $hint \(SIGTERM\): the run was not over; [^\n]+\n\z/,
        'and it says why it ends'
    );
    $last{$name} = $again->{stderr};
}
is_deeply(
    {map { ($_ => [sort @{$found{$_}}]) } keys %found},
    {map { ($_ => [sort @{$says{$_}}]) } keys %says}, 'each says what it said'
);

like(
    $last{'deadlock.py'}, qr/; thread 0 in sem_\w+, thread 1 in sem_\w+, thread 2 in sem_\w+$/,
    'the last words tell what each thread waits in'
);
like($last{'busy.py'}, qr/; thread 0 in sem_\w+, .*\bat work/, 'or who is at work');
like($last{'handler.pl'}, qr/; it was in read$/, 'of a handler, too');

# What a debugger says to these lines.
sub dialogue {
    my ($command, $name, @lines) = @_;
    my ($slice) = glob "$out/all.slices/*-$name.*log";
    my %terminal = (TERM => 'dumb', PERL_RL => ' o=0', HOME => '/nonexistent');
    return run({
            dir => scratch('debug'), stdin => join('', map {"$_\n"} @lines), env => \%terminal,
            timeout => 120
        },
        @{$command},
        $slice
    );
}

subtest 'pdb stands at the last moment' => sub {
    my $said = dialogue(
        [command('cc-python-replay'), '--pdb'], 'deadlock.py', 'c', 'w', 'where all', 'up',
        'up', 'p a, threads', 'rn', 'when', 'q'
    );
    my $text = $said->{stdout};
    like($text, qr/\*\*\* $hint/, 'it says that the log ends there');
    like(
        $text,
        qr{^\(Pdb\) +\S+/deadlock\.py\(\d+\)<module>\(\)\n-> thread\.join\(\)\n.*_wait_for_tstate_lock\(\)$}ms,
        'w has the frames of the main thread'
    );
    like(
        $text, qr/^\(Pdb\) \* 1 MainThread: in sem_\w+, until mover-x ends$/m,
        'where all says what that waits for'
    );
    like(
        $text,
        qr/^  \d mover-x: in sem_\w+, for the lock second in move\(\): .*first in move\(\) of mover-y$/m,
        'which lock another thread waits for, and who else knows it'
    );
    like(
        $text,
        qr/^  \d mover-y: in sem_\w+, for the lock second in move\(\): .*first in move\(\) of mover-x$/m,
        'and that thread'
    );
    is(scalar(() = $text =~ /^-> with second:$/mg), 2, 'with their frames');
    unlike($text, qr/crosscut_pdb/, 'and none of the debugger\'s');
    like(
        $text, qr/^\(Pdb\) \(<locked _thread\.lock .*\[<Thread\(mover-x, started/m,
        'frames can be looked into'
    );
    like($text, qr/^\(Pdb\) \d+\.\d+\n\(Pdb\) \z/m, 'and one can go back');
    like(
        dialogue([command('cc-python-replay'), '--pdb'], 'busy.py', 'c', 'threads', 'q')->{stdout},
        qr/^  2 Thread-1 \(compute\): at work\n(?:.*\n)*?-> (?:n \+= 1|while n >= 0:)$/m,
        'a thread at work stands in its loop'
    );
};

subtest 'a lock that a thread has does not stop the debugger' => sub {
    my $text = dialogue(
        [command('cc-python-replay'), '--pdb'], 'stuck.py', 'c', 'threads', 'rn', 'when',
        'q'
    )->{stdout};
    like(
        $text, qr/^  2 talker: in write\n(?:.*\n)*?-> print\('word ' \* 2000\)$/m,
        'one that waits in a write has its stream\'s'
    );
    like($text, qr/^\(Pdb\) \d+\.\d+\n\(Pdb\) \z/m, 'and one can go back');
};

subtest 'perl\'s debugger does, too' => sub {
    my $said =
        dialogue([command('cc-perl-replay'), '-d'], 'spin.pl', 'c', 'p "n is $n"', 'rs', 'q');
    my $text = $said->{stdout} . $said->{stderr};
    like($text, qr/$hint/, 'it says that the log ends there');
    like($text, qr/n is [1-9]\d+/, 'and has the variables');
    like($text, qr/spin\.pl:1[0-9]/, 'and can go back');
};

done_testing;
