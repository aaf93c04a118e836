#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Python functions that trace a past run: what they are told is what python itself tells, and
# whatever they do disturbs nothing.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Crosscut::Traced;
use File::Copy qw(copy);
use File::Path qw(make_path);
use Test::More;

my $hooks = "$FindBin::Bin/hooks";
my $python = '/usr/bin/python3.11';

# ---- the same events ---------------------------------------------------------------------------

for my $name (qw(functions generators coroutines classes)) {
    subtest "every event of $name.py, as natively" => sub {
        my ($dir, $run) = recorded($name);
        for my $which (qw(trace opcodes profile)) {
            my $native = run(
                {dir => $dir, only_env => traced_environment()}, $python, "$hooks/events.py",
                $which, 'program.py'
            );
            is($native->{status}, 0, "$which natively") or diag($native->{stderr});
            my $expected = slurp("$dir/events");
            unlink "$dir/events";
            my $option = $which eq 'profile' ? '--profile' : '--trace';
            my $replay = replay(
                "$dir/slice.pylog", dir => $dir,
                options => [$option, "$hooks/events.py:$which", '--hook-output', "$dir/events"]);
            same($replay, $run, "$which: the replay is the same");
            same(
                {%{$replay}, stdout => slurp("$dir/events")},
                {%{$run}, stdout => $expected},
                "$which: and all @{[$expected =~ tr/\n//]} events"
            );
        }
    };
}

# ---- nothing is disturbed ----------------------------------------------------------------------

my @hostile = (
    ['a tracer that allocates, collects and keeps frames', '--trace', 'hoards'],
    [
        'one that imports modules, opens files, starts threads and programs', '--trace', 'works',
        '--allow-host'
    ],
    ['one that does all this but programs', '--trace', 'works_alone'],
    ['one that raises', '--trace', 'raises'],
    ['a profile function that does all this', '--profile', 'profile', '--allow-host'],
);

sub disturbs_nothing {
    my ($slice, $run) = @_;
    for my $row (@hostile) {
        my ($title, $option, $function, @host) = @{$row};
        my $replay = replay(
            $slice, options => [@host, $option, "$hooks/hostile.py:$function"],
            timeout => 120
        );
        if ($function eq 'raises') {
            my $said = $replay->{stderr} =~
                s/^Traceback \(most .*?^(RuntimeError.*?\n.*?the replay goes on\n)//ms ? $1 : '';
            like(
                $said, qr/^RuntimeError: enough\ncc-python-replay: the trace function raised/,
                'an exception is shown'
            );
        }
        if ($function eq 'works_alone') {
            is_deeply(
                [sort(refusals($replay))],
                ['mkdir made', 'running a program', 'socket', 'writing written'],
                'what it is refused is told'
            );
        }
        same($replay, $run, "$title: the same");
    }
    return;
}

for my $name (qw(addresses collector hashorder)) {
    subtest "whatever is done while it is traced, $name.py is the same" => sub {
        my ($run, $slice) = live_record($name, [], language => 'python');
        is($run->{status}, 0, 'it runs') or return diag($run->{stderr});
        disturbs_nothing($slice, $run);
    };
}

subtest 'nor are threads disturbed' => sub {
    my $run = vm_record(
        'threads', [qw(python3 threads.py)], language => 'python',
        programs => ['threads']);
    succeeds($run, 'they run in the machine') or return;
    my ($result, $slice) = sliced($run, 'python');
    succeeds($result, 'it is sliced') or return;
    disturbs_nothing($slice, $run);
};

# The upper halves of addresses are numbers that ids of threads reach, too.
subtest 'whatever id the thread has that is made for an analysis' => sub {
    my @namespace = qw(unshare --pid --fork --mount-proc sh -c);
    my $choose = 'echo $0 >/proc/sys/kernel/ns_last_pid';
    plan skip_all => 'ids cannot be chosen here: that takes root and a namespace of ids'
        if run({}, @namespace, $choose, 100)->{status};
    my ($run, $slice) = live_record('addresses', [], language => 'python');
    my @command = (command('cc-python-replay'), '--trace', "$hooks/hostile.py:hoards", $slice);
    for my $last (32_750 .. 32_765) {
        my $script = "$choose && \"\$@\"; exit \$?";
        my $replay = run({timeout => 30}, @namespace, $script, $last, @command);
        same($replay, $run, "@{[$last + 2]}: the same") or last;
    }
};

# ---- options that cannot be followed ----

my @bad = ([
        'no such module', '--trace', 'nowhere:trace',
        qr/ModuleNotFoundError: No module named 'nowhere'/
    ],
    ['no such file', '--trace', 'nowhere.py:trace', qr/FileNotFoundError: .*nowhere\.py/],
    ['no such function', '--profile', 'here:profile', qr/here has no such function/],
    ['not a function', '--trace', 'here:thing', qr/here has no such function/],
    ['no function at all', '--trace', 'here', qr/MODULE:FUNC is needed/],
    ['a syntax error', '--trace', 'wrong:trace', qr/SyntaxError: .*wrong\.py, line 1/],
    ['one that raises', '--trace', 'fails:trace', qr/ZeroDivisionError: division by zero/],
);

sub refuses {
    my ($replay, $message, $title) = @_;
    like($replay->{stderr}, qr/\Acc-python-replay: .*$message.*\n\z/, "$title: one line");
    is($replay->{status}, 125, "$title: status 125");
    is($replay->{stdout}, '', "$title: no output");
    return;
}

subtest 'an option that cannot be followed' => sub {
    my ($dir, $run) = recorded('shop');
    spew("$dir/wrong.py", "def trace(:\n");
    spew("$dir/fails.py", "1 / 0\n");
    spew("$dir/here.py", "def trace(frame, event, argument):\n    return trace\n\nthing = 3\n");
    for my $row (@bad) {
        my ($title, $option, $value, $message) = @{$row};
        my $replay = replay("$dir/slice.pylog", dir => $dir, options => [$option, $value]);
        refuses($replay, qr/\Q$option $value: \E$message/, $title);
    }
    same(
        replay("$dir/slice.pylog", dir => $dir, options => [qw(--trace here:trace)]),
        $run, 'a module of this directory is found'
    );

    make_path("$dir/apart/bin", "$dir/apart/lib");
    copy(command('cc-python-replay'), "$dir/apart/bin/cc-python-replay")
        or die "cc-python-replay: $!";
    chmod 0755, "$dir/apart/bin/cc-python-replay";
    copy(replay_object('python'), "$dir/apart/lib/crosscut-python-3.11.so")
        or die "crosscut-python-3.11.so: $!";
    refuses(
        run({dir => $dir}, "$dir/apart/bin/cc-python-replay", qw(--trace here:trace slice.pylog)),
        qr/crosscut-python-3\.11-analysis\.so: .*libexpat1/, 'no library of it'
    );
};

done_testing;
