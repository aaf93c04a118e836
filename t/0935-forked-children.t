#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The slice of a forked child begins with its parent's past: what a user is told of the child begins
# at the fork, unless he asks for more.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP qw(decode_json);
use Test::More;

# What is said of each language's program: its lines, where `add` and `prepare` begin, where `add`
# writes, where `serve` forks, goes on, calls `add`, and where the main program calls both again.
my %languages = (
    perl => {
        file => 'stock.pl', suffix => 'pl', begins => 9, prepares => 15, writes => 10, forks => 21,
        goes_on => 22,
        debug => '-d', total => '$total', add => 'main::add', serve => 'main::serve',
        calls => [
            'main::serve  stock.pl:32 (before the fork)',
            '  main::add  stock.pl:23', 'main::add  stock.pl:34',
            'main::serve  stock.pl:35', 'main::add  stock.pl:36'
        ],
        stack => '(main);main::serve;main::add 3', pid => '$$ + 0',
        closes => [
            'files.pl:4: close "log": 0 bytes read, 10 written',
            'files.pl:4: close "other": 0 bytes read, 0 written'
        ]
    },
    python => {
        file => 'stock.py', suffix => 'py', begins => 12, prepares => 17, writes => 12,
        forks => 22, goes_on => 23,
        debug => '--pdb', total => 'total', add => 'add', serve => 'serve',
        calls => [
            '<module>  :0 (before the fork)',
            '  serve  stock.py:32 (before the fork)',
            '    posix.fork  stock.py:22 (before the fork)',
            '    add  stock.py:24',
            '    posix.getpid  stock.py:25',
            '    print  stock.py:25',
            '  add  stock.py:34'
        ],
        stack => '(main);<module>;serve;add 2', pid => 'os.getpid()',
        closes => ['files.py:7 <module>: close "log": 0 bytes read, 10 written']
    },
);

# A hook that tells of statements, and how far more calls are left than entered; and what it says of
# a fork if it is told.
my %hooks = (
    perl => {
        text => <<'END',
use Crosscut::Hook qw(on past process);
my ($depth, $lowest) = (0, 0);
sub say_it { print {*STDERR} past() ? 'past ' : '', @_, "\n" }
on enter => sub { $depth++ };
on leave => sub { $lowest = $depth if --$depth < $lowest };
on statement => sub { say_it("$_[2]:$_[1]") if $_[2] =~ /main::(?:add|serve)/ };
on end => sub { say_it('process ', process(), " lowest $lowest") };
END
        forked => "on forked => sub { say_it('forked ', \$_[0]) };\n1;\n",
    },
    python => {
        text => <<'END',
import sys
from crosscut import hook

depth = lowest = 0


def say(text):
    print("past " if hook.past() else "", text, sep="", file=sys.stderr)


@hook.enter
def enter(call):
    global depth
    depth += 1


@hook.leave
def leave(call, unwound):
    global depth, lowest
    depth -= 1
    lowest = min(depth, lowest)


@hook.statement
def statement(file, line, sub):
    if sub in ("add", "serve"):
        say(f"{sub}:{line}")


@hook.end
def end(status):
    say(f"process {hook.process()} lowest {lowest}")
END
        forked => "\n\n\@hook.forked\ndef forked(process):\n    say(f'forked {process}')\n",
    },
);

# What the debuggers show behind the fork, at it, and where the program begins.
my %dialogue = (
    perl => {
        behind => qr/main::serve\(stock\.pl:22\):/,
        fork => qr/main::serve\(stock\.pl:21\):/,
        first => qr/main::\(stock\.pl:6\):/,
        again => 'R'
    },
    python => {
        behind => qr/> stock\.py\(23\)serve\(\)/,
        fork => qr/> stock\.py\(22\)serve\(\)/,
        first => qr/> stock\.py\(2\)<module>\(\)/,
        again => 'run'
    },
);

my $run = vm_record(
    'forked',
    [
        'sh', '-c',
        join('; ', map { ("perl $_.pl", "python3 $_.py") } qw(stock bare files))
            . '; python3 at.py'
    ],
    files => {
        (map { $_->{file} => slurp(programs() . "/forked/$_->{file}") } values %languages),
        'bare.pl' => "use POSIX ();\nfork || POSIX::_exit(2);\nwait;\n",
        'bare.py' => "import os\nos.fork() or os._exit(2)\nos.wait()\n",
        'files.pl' => <<'END',
open my $log, '>', 'log' or die;
open my $other, '>', 'other' or die;
syswrite $log, "parent\n";
if (!fork) { syswrite $log, "its child\n"; close $log; exit }
wait;
END
        'files.py' => <<'END',
import os
log = open("log", "wb", buffering=0)
other = open("other", "wb", buffering=0)
log.write(b"parent\n")
if not os.fork():
    log.write(b"its child\n")
    log.close()
    os._exit(0)
os.wait()
END
        'at.py' => <<'END',
import os
import threading


def handler():
    return 1


def work():
    pid = os.fork()
    if not pid:
        os._exit(handler())
    os.waitpid(pid, 0)


os.register_at_fork(after_in_child=handler)
thread = threading.Thread(target=work)
thread.start()
thread.join()
END
    });
succeeds($run, 'programs that fork are recorded') or BAIL_OUT($run->{stderr});
my @processes = sort { $a->{pid} <=> $b->{pid} } vm_slices($run->{log});

sub child_of {
    my ($program) = @_;
    return (grep { $_->{slice} =~ /-\Q$program\E\./ } @processes)[1];
}

# The process, its child, that one's child; the children that run nothing of their own, and that
# inherit files.
for my $language (keys %languages) {
    my ($name, $suffix) = $languages{$language}{file} =~ /(.*)\.(.*)/;
    my @of = grep { $_->{slice} =~ /-$name\.$suffix\./ } @processes;
    @{$languages{$language}}{qw(parent child grandchild)} = @of;
    $languages{$language}{$_} = child_of("$_.$suffix") for qw(bare files);
}
my $threaded = child_of('at.py');

sub without_moment { my ($line) = @_; return $line =~ s/\A\[\d+\.\d+\] //r }

# Python's files have their whole names.
sub without_directory {
    my ($line) = @_;
    return $line =~ s{(?<![\w.])/\S*/(?=(?:stock|bare|files|at)\.)}{}gr;
}

# A replay with these options: the lines that it wrote to stderr, without the directory of files.
sub lines_of {
    my ($process, @options) = @_;
    my $replay = replay($process->{slice}, options => ['--allow-host', @options]);
    is($replay->{status}, $process->{status}, "@options: the replay ends as the run did");
    return map { without_directory($_) } split /\n/, $replay->{stderr};
}

sub without_moments {
    my (@lines) = @_;
    return map {s/\[\d+\.\d+ /[/r} @lines;
}

# What is typed, and what is shown, without empty lines and what perl5db always says.
sub debugged {
    my ($of, $process, $typed, @options) = @_;
    my $session = replay(
        $process->{slice},
        options => ['--allow-host', $of->{debug}, @options],
        stdin => join('', map {"$_\n"} @{$typed}, 'q'),
        timeout => 120
    );
    is($session->{status}, 0, "@{$typed}: the session ends") or diag($session->{stderr});
    my $said = $of->{suffix} eq 'pl' ? $session->{stderr} : $session->{stdout};
    return join "\n",
        grep { /\S/ && !/\A(?:Loading DB|Editor support|Enter h|\(a past run)/ }
        map { without_directory($_) }
        split /\n/, $said;
}

for my $language (sort keys %languages) {
    my $of = $languages{$language};
    my ($parent, $child, $grandchild) = @{$of}{qw(parent child grandchild)};
    my @pids = map { $_->{pid} } $parent, $child, $grandchild;
    my $place = "[$of->{file}:$of->{begins}]";

    subtest "$language: prints" => sub {
        my @print = ('--print', "add:$of->{total}");
        is_deeply(
            [without_moments(lines_of($child, @print))],
            ["$place 3", "$place 13", "$place 33"],
            'a child\'s begin at its fork'
        );
        is_deeply(
            [without_moments(lines_of($grandchild, @print))],
            ["$place 33", "$place 43"],
            'a grandchild\'s at its own'
        );
        is_deeply(
            [without_moments(lines_of($grandchild, '--with-parent', @print))],
            [map {"$place $_"} 0, 1, 3, 13, 33, 43],
            '--with-parent: all of them'
        );
        is_deeply(
            [without_moments(lines_of($grandchild, '--with-parent', '--show-process', @print))],
            [
                map {"[pid $pids[$_->[0]]] $place $_->[1]"}[0, 0], [0, 1], [1, 3], [1, 13],
                [2, 33], [2, 43]
            ],
            '--show-process: each names who ran there'
        );
        is_deeply(
            [without_moments(lines_of($parent, '--with-parent', @print))],
            ["$place 0", "$place 1"],
            'who was not forked has no other past'
        );
        my @objects =
            map { decode_json($_) } lines_of($child, '--json', '--show-process', @print);
        is_deeply([map { $_->{process} } @objects], [($pids[1]) x 3], 'in JSON, too');
        is_deeply([
                map {s/.*\] //r} lines_of(
                    $grandchild, '--with-parent', '--print', "$of->{file}:$of->{forks}:$of->{pid}"
                )
            ],
            [@pids[0, 1]],
            'before the fork, the statement that forks included, an expression is asked of the parent'
        );
        my ($object) = map { decode_json($_) } lines_of($child, '--json', @print);
        ok(!exists $object->{process}, '... if it is asked for');
    };

    subtest "$language: prints that were not reached" => sub {
        my $tool = "cc-$language-replay";
        my @print = map { ('--print', "$_:1") } "$of->{file}:$of->{prepares}", 'prepare',
            "$of->{file}:9999", 'nothing';
        my @missed = lines_of($child, @print);
        like(
            $missed[0],
            qr/^\Q$tool: --print $of->{file}:$of->{prepares}: it was reached only before the fork: --with-parent prints that, too;\E nearest lines that run: [\d, ]+$/,
            'a line that only the parent has reached'
        );
        is(
            $missed[1],
            "$tool: --print prepare: it was called only before the fork: --with-parent prints that, too",
            'a function that only the parent has called'
        );
        is($missed[2], "$tool: --print $of->{file}:9999: it was never reached", 'nobody has');
        like($missed[3], qr/^\Q$tool: --print nothing: it was never called\E/, 'nobody has');
        unlike(
            join("\n", lines_of($child, '--with-parent', @print)),
            qr/before the fork/, '--with-parent: they are printed'
        );
        like(
            join(
                "\n",
                lines_of($child, '--print', 'add:1', '--print-if', "$of->{total} == 0")
            ),
            qr/it was never true, of 3 times/,
            'a condition that held for the parent only'
        );
    };

    subtest "$language: coverage" => sub {
        my %hits = map { /^DA:(\d+),(\d+)/ ? ($1 => $2) : () } my @lines =
            lines_of($grandchild, '--hook', 'coverage=out=-');
        is($hits{$of->{writes}}, 2, 'lines are counted from the fork on');
        is($hits{$of->{prepares}}, 0, 'what only the parent ran is not covered');
        is($hits{$of->{forks}}, 0, 'nor the fork, which it made');
        is($hits{$of->{goes_on}}, 1, 'but what comes behind it');
        ok((grep { $_ eq "FNDA:2,$of->{add}" } @lines), 'calls are counted likewise');
        ok((grep { $_ eq "FNDA:0,$of->{serve}" } @lines), 'the call that is open there is not one');
        my %all = map { /^DA:(\d+),(\d+)/ ? ($1 => $2) : () }
            lines_of($grandchild, '--with-parent', '--hook', 'coverage=out=-');
        is_deeply(
            [@all{@{$of}{qw(writes prepares forks)}}],
            [6, 1, 2], '--with-parent: all is counted'
        );
        ok((
                grep { $_ eq "TN:process_$pids[2]" }
                    lines_of($grandchild, '--show-process', '--hook', 'coverage=out=-')
            ),
            '--show-process: lcov is told'
        );
    };

    subtest "$language: calls" => sub {
        my @calls = lines_of($child, '--hook', 'calltrace=out=-');
        is_deeply(
            [map { without_moment($_) } @calls[0 .. $#{$of->{calls}}]],
            $of->{calls}, 'calltrace: those that are open in the fork, and what follows'
        ) or diag(join "\n", @calls);
        my @stacks = lines_of($child, '--hook', 'callprofile=out=/dev/null,stacks=-');
        ok((grep { $_ eq $of->{stack} } @stacks), 'callprofile: in the calls that are open')
            or diag(join "\n", @stacks);
        ok(!(grep {/prepare|BEGIN|import/} @stacks), '... without those that are over');
    };

    subtest "$language: who wrote" => sub {
        my $written = "$of->{file}:$of->{writes} $of->{add}: $of->{total}";
        is_deeply([
                map { without_moment($_) }
                    lines_of($grandchild, '--hook', "whowrote=$of->{total},out=-")
            ],
            [
                "$of->{file}:$of->{forks} $of->{serve}: $of->{total}: before the fork: 33",
                "$written: 33 → 43",
                "$written: 43 → 83"
            ],
            'it begins with what the parent had written'
        );
        is(
            scalar(
                grep {/^\[pid $pids[1]\] \[\d+\.\d+\] \Q$written\E/} lines_of(
                    $grandchild, '--with-parent', '--show-process', '--hook',
                    "whowrote=$of->{total},out=-"
                )
            ),
            2,
            '--with-parent --show-process: two of the writes were the child\'s'
        );
    };

    subtest "$language: files" => sub {
        my $out = scratch('audit') . '/audit.txt';
        lines_of($of->{files}, '--hook', "audit=out=$out");
        is_deeply(
            [map { without_moment(without_directory($_)) } split /\n/, slurp($out)],
            [@{$of->{closes}}, 'end with status 0'],
            'audit: what the child did, with files that its parent has opened'
        );
        lines_of($of->{files}, '--with-parent', '--show-process', '--hook', "audit=out=$out");
        like(
            slurp($out), qr/^\[pid $of->{files}{parent}\] .*files.*: open "\S*log" to write/m,
            '--with-parent: who has opened them'
        );
    };

    subtest "$language: a hook of one's own" => sub {
        my $hook = scratch('hook') . "/told.$of->{suffix}";
        spew($hook, $hooks{$language}{text});
        my @told = lines_of($child, '--hook', $hook);
        is($told[0], "$of->{serve}:$of->{goes_on}", 'its first statement is behind the fork');
        is(
            $told[-1], "process $pids[1] lowest 0",
            'no call is left that was not entered, and the process has a name'
        );
        spew($hook, $hooks{$language}{text} . $hooks{$language}{forked});
        @told = lines_of($child, '--hook', $hook);
        my ($at) = grep { $told[$_] eq "forked $pids[1]" } 0 .. $#told;
        ok($at && $at >= 5, 'one that knows of forks is told of the past') or return;
        is($told[$at - 1], "past $of->{serve}:$of->{forks}", '... as such, up to the fork');
        is($told[$at + 1], "$of->{serve}:$of->{goes_on}", '... and from there on');
        @told = lines_of($child, '--with-parent', '--hook', $hook);
        ok(!(grep {/^(?:forked|past)/} @told), '--with-parent: there is no past');
    };

    subtest "$language: the debugger" => sub {
        my ($behind, $fork, $first, $again) = @{$dialogue{$language}}{qw(behind fork first again)};
        my $begins = 'begins here: to go back leads into what its parent did before the fork)';
        my $said = debugged($of, $grandchild, ['rs', 's']);
        like(
            $said, qr/\A\(process $pids[2] \Q$begins\E\n$behind/,
            'it opens behind the fork, and says whose run that is'
        );
        like($said, qr/\(process $pids[1]: before the fork\)\n$fork/, 'it goes back over it');
        like($said, qr/\(process $pids[2]: after the fork\)\n$behind/, 'and forward');
        $said = debugged($of, $grandchild, ['go 0', 'back']);
        like(
            $said, qr/\(process $pids[0]: before the fork\)\n$first/,
            'the beginning of the program is there, too'
        );
        like($said, qr/\(process $pids[2]: after the fork\)\n$behind/, '... and left again');
        $said = debugged($of, $child, ['s', $again]);
        is(scalar(() = $said =~ /$behind/g), 2, 'to begin again leads behind the fork')
            or diag($said);
        like(
            debugged($of, $grandchild, [], '--with-parent'),
            qr/\A\(process $pids[0]: before the fork\)\n$first/,
            '--with-parent: it opens where the program begins'
        );
        unlike(debugged($of, $parent, ['s']), qr/fork\)/, 'who was not forked has no word of it');
        like(
            debugged($of, $of->{bare}, ['rs']),
            qr/\A\(process $of->{bare}{pid} ran no statement: .*\n(?:.*\n)*.*\(process \d+: before the fork\)\n/,
            'a child that ran nothing: it opens where that ends, and goes back from there'
        );
    };
}

my $tracer = spew(scratch('tracer') . '/tracer.py', <<'END');
import sys


def told(frame, event, arg):
    if frame.f_code.co_filename.endswith(("stock.py", "at.py", "rests.py")):
        print(event, frame.f_code.co_name, frame.f_lineno, file=sys.stderr)
    return told
END

subtest 'python: functions that trace' => sub {
    my $of = $languages{python};
    is_deeply(
        [(lines_of($of->{child}, '--trace', "$tracer:told"))[0 .. 4]],
        ['call <module> 32', 'call serve 22', 'line serve 23', 'line serve 24', 'call add 10'],
        'they are told of the calls that are open in the fork, and from there on'
    );
    is_deeply(
        [(lines_of($of->{child}, '--profile', "$tracer:told"))[0 .. 5]],
        [
            'call <module> 32',
            'call serve 22',
            'c_call serve 22',
            'c_return serve 22',
            'call add 10',
            'return add 13'
        ],
        'likewise: what returns was called'
    );
    is(
        (lines_of($of->{child}, '--with-parent', '--trace', "$tracer:told"))[1],
        'line <module> 2', '--with-parent: from the beginning'
    );
    is_deeply(
        [grep {/handler|work/} lines_of($threaded, '--trace', "$tracer:told")],
        [
            'call work 10',
            'call handler 5',
            'line handler 6',
            'return handler 6',
            'line work 11',
            'line work 12',
            'call handler 5',
            'line handler 6',
            'return handler 6'
        ],
        'in a thread that forks: what was registered to be run there, and the thread'
    );
};

subtest 'python: a greenlet that rests in the fork, and goes on in the child' => sub {
    plan(skip_all => 'no python3-greenlet') if !get('python3-greenlet');
    my $rests = vm_record(
        'rests',
        [qw(python3 rests.py)],
        options => [qw(--package python3-greenlet)],
        files => {'rests.py' => <<'END'});
import os
import greenlet


def work():
    greenlet.getcurrent().parent.switch()
    return 1


resting = greenlet.greenlet(work)
resting.switch()
if not os.fork():
    os._exit(resting.switch())
os.wait()
END
    my ($child) = grep { $_->{status} == 1 } vm_slices($rests->{log});
    is_deeply(
        [grep {/work/} lines_of($child, '--trace', "$tracer:told")],
        ['call work 6', 'line work 7', 'return work 7'],
        'functions that trace are told of its call, and of its lines'
    );
};

subtest 'python: the debugger, where a fork runs functions' => sub {
    my $said = debugged($languages{python}, $threaded, ['w', 'rs']);
    like(
        $said, qr/\A\(process \d+ begins here: .*\n--Thread .*\n> at\.py\(11\)work\(\)\n/,
        'it opens behind them, in the thread that has forked'
    );
    like($said, qr/> at\.py\(6\)handler\(\)/, 'and goes back into them');
};

done_testing;
