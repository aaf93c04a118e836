#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# pdb on a past run, beyond what pdb can: back to where a value was written, runs that broke off,
# what goes wrong at the prompt; and what an editor asks.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Crosscut::Traced;
use JSON::PP qw(decode_json encode_json);
use Test::More;

sub debug { my ($dir, @commands) = @_; return debugged($dir, {timeout => 120}, @commands) }

# ---- back to the last write --------------------------------------------------------------------

# So many times `wl`, from line 55 on, and the function and the line of each.
my @writes = (
    ['x', ['main', 37], 'a local that a call gives its value'],
    ['table["pear"]', ['fill', 15], 'an element, in a function that was called'],
    ['values[2]', ['main', 39], 'an element of a list'],
    ['values', ['main', 39], 'a list, in one of its elements'],
    ['box.size', ['grow', 9], 'an attribute'],
    ['box.area', ['grow', 9], 'a property'],
    ['Box.shared', ['main', 44], 'an attribute of a class'],
    ['tallies', ['main', 41], 'an object with a comparison of its own'],
    ['y', ['inner', 49], 'a variable that a closure writes'],
    ['many', ['main', 45], 'a generator, by its identity'],
    ['count', ['tick', 19], 'a global'],
);

subtest 'wl goes back to where a value was written' => sub {
    my ($dir) = recorded('writes');
    my ($there) = (answers(debug($dir, 'b 55', 'c', 'when', 'q')))[3] =~ /([\d.]+)/;
    my @commands = ("go $there", 'when', map { ("wl $_->[0]", "go $there") } @writes);
    my @answer = answers(debug($dir, @commands, 'q'));
    for my $i (0 .. $#writes) {
        my ($expression, $place, $title) = @{$writes[$i]};
        like(
            $answer[2 * $i + 3], qr/\A> \S+program\.py\($place->[1]\)$place->[0]\(\)\n-> /,
            "$expression: $title"
        );
    }
};

subtest 'wl again goes to the write before' => sub {
    my ($dir) = recorded('writes');
    my @answer = answers(
        debug(
            $dir, 'b 55', 'c', 'wl x', 'wl x', 'p "x" in dir()', 'wl x', 'b 9', 'c',
            'wl self.size', 'p self, size', 'wl nothing',
            'wl', 'wl 1 +', 'help wl', 'q'
        ));
    like($answer[3], qr/\(37\)main/, 'the last one');
    like($answer[4], qr/\(35\)main/, 'the one before');
    is($answer[5], "False\n", 'which was the first');
    like(
        $answer[6], qr/\A\*\*\* x has not changed before: staying here\n> \S+\(35\)main/,
        'so it is said, and one stays'
    );
    like($answer[9], qr/\(7\)__init__/, 'what an argument refers to was written before the call');
    like($answer[11], qr/\A\*\*\* nothing has not changed before: /, 'a name that there is not');
    like($answer[12], qr/\A\*\*\* wl EXPR/, 'an expression is missing');
    like($answer[13], qr/\A\*\*\* SyntaxError/, 'it is none');
    like($answer[14], qr/Go back to where the value of EXPR/, 'help');
};

# ---- at the prompt -------------------------------------------------------------------------------

subtest 'what is assigned is gone, and the session says so once' => sub {
    my ($dir) = recorded('shop');
    my @answer =
        answers(debug($dir, 'n', 'p 1', 'x = 1', '!y = 2', 'p x + y', 'n', 'z = 3', 'p x', 'q'));
    my $notice = "(in a copy: changes are gone when the program goes on)\n";
    is($answer[2], "1\n", 'not when something is printed');
    is($answer[3], $notice, 'when something is assigned');
    is($answer[4], '', 'once');
    is($answer[5], "3\n", 'it is there');
    is($answer[7], '', 'once in a session');
    like($answer[8], qr/NameError/, 'and gone when the program went on');
};

subtest 'conditions' => sub {
    my ($dir) = recorded('shop');
    my %outcome = (
        'price > 3' => 'price 4',
        ' self.name == "corner" and price >= 4' => 'price 4',
        'str(price) == "4"' => 'price 4',
        'price > 9' => 'end',
        'prize > 3' => 'price 3',
        'self.prize' => 'price 3',
        '1 / 0' => 'price 3',
    );
    for my $condition (sort keys %outcome) {
        my @answer = answers(
            debug(
                $dir, "b 8, $condition", 'c',
                'print("price", price) if "price" in dir() else print("end")', 'q'
            ));
        is($answer[3], "$outcome{$condition}\n", $condition);
    }
};

subtest 'what crashes or never ends at the prompt ends a copy' => sub {
    my ($dir) = recorded('shop');
    my @answer = answers(
        debug(
            $dir, 'b 9', 'c', 'import ctypes; ctypes.string_at(0)', 'p price', 'c', 'p price', 'q'
        ));
    like($answer[3], qr/\A\*\*\* the copy of the program has ended\n> \S+\(9\)add/, 'a crash');
    is($answer[4], "3\n", 'the session is where it was');
    is($answer[6], "4\n", 'and goes on');
    my $commands = join '', map {"$_\n"} 'b 9', 'c', 'while True: pass', 'p price', 'c', 'p price',
        'q';
    spew("$dir/commands", $commands);
    my $replay = run(
        {dir => $dir, timeout => 60}, 'sh', '-c',
        '"$0" --pdb slice.pylog <commands & pid=$!; sleep 8; kill -INT $pid; wait $pid',
        command('cc-python-replay'));
    @answer = answers($replay);
    like($answer[3], qr/\A\*\*\* interrupted\n> \S+\(9\)add/, 'a loop, interrupted');
    is($answer[6], "4\n", 'the session goes on');
};

# ---- runs that broke off -------------------------------------------------------------------------

subtest 'a slice that is cut short' => sub {
    my ($dir) = recorded('shop');
    my $bytes = slurp("$dir/slice.pylog");
    spew("$dir/slice.pylog", substr $bytes, 0, length($bytes) - 40);
    my $replay = debug($dir, 'b 9', 'c', 'p price', 'clear 1', 'c', 'when', 'rs', 'p 1', 'q');
    my @answer = answers($replay);
    is($answer[3], "3\n", 'is looked at as far as it goes')
        or diag($replay->{stdout}, $replay->{stderr});
};

# What cannot be recorded without a machine.
my $killed = <<'END';
import os, signal
count = 0
for i in range(3):
    count += i
os.kill(os.getpid(), signal.SIGTERM)
END
my $run = vm_record(
    'travel', ['sh', '-c', 'python3 threads.py; python3 killed.py'],
    language => 'python',
    files => {'threads.py' => slurp(programs() . '/traced/threads.py'), 'killed.py' => $killed});
my %slice = map { $_->{argv}[1] => $_->{slice} } grep { $_->{slice} } vm_slices($run->{log});

subtest 'a run that a signal ended' => sub {
    my @commands = ('tbreak 5', 'c', 'c', 'rs', 'p count', 'wl count', 'p count', 'q');
    my $replay = replay(
        $slice{'killed.py'}, stdin => join('', map {"$_\n"} @commands),
        options => ['--pdb']);
    my @answer = answers($replay);
    is($answer[5], "3\n", 'is looked at up to there') or diag($replay->{stdout}, $replay->{stderr});
    like($answer[6], qr/\(4\)<module>/, 'and back');
    is($answer[7], "1\n", 'before the last addition');
};

subtest 'threads' => sub {
    my @commands = ('b 13', 'c', 'p done', 'wl done', 'p kept', 'n', 'n', 'rc', 'c', 'rn', 'q');
    my $replay = replay(
        $slice{'threads.py'}, stdin => join('', map {"$_\n"} @commands),
        options => ['--pdb']);
    my @answer = answers($replay);
    like($answer[2], qr/\A> \S+\(13\)main/, 'in the main one')
        or diag($replay->{stdout}, $replay->{stderr});
    is($answer[3], "['aa', 'bb']\n", 'the others have done their work');
    like(
        $answer[4], qr/\A--Thread Thread-2 \(work\)--\n> \S+\(6\)work/,
        'wl goes to the one that wrote, and says which'
    );
    is($answer[5], "'bb'\n", 'and what it has');
    like($answer[6], qr/\A> \S+\(7\)work/, 'steps there go on there');
};

# What pdb says to commands that are typed to the slice of threads.py.
sub threaded {
    my (@commands) = @_;
    my $replay = replay(
        $slice{'threads.py'}, stdin => join('', map {"$_\n"} @commands, 'q'),
        options => ['--pdb']);
    my (undef, @answers) = answers($replay);
    return map { [$_, shift @answers] } @commands;
}

subtest 'breakpoints stop in every thread, and the prompt says in which' => sub {
    my @wanted = (
        ['b 6', qr/\ABreakpoint 1/],
        ['c', qr/\A--Thread Thread-1 \(work\)--\n> \S+\(6\)work/],
        ['p name', qr/\A'a'\n/],
        ['n', qr/\A> \S+\(7\)work/],
        ['s', qr/\A--Return--\n> \S+\(7\)work\(\)->'aa'/],
        ['s', qr/\A> \S+threading\.py/],
        ['c', qr/\A--Thread Thread-2 \(work\)--\n> \S+\(6\)work/],
        ['p name', qr/\A'b'\n/],
        ['rc', qr/\A--Thread Thread-1 \(work\)--\n> \S+\(6\)work/],
        ['rc', qr/\A\*\*\* no breakpoint was passed before: staying here\n> \S+\(6\)work/],
        ['b 13', qr/\ABreakpoint 2/],
        ['c', qr/\A--Thread Thread-2/],
        ['c', qr/\A--Thread MainThread--\n> \S+\(13\)main/],
        ['b 6, kept == "bb"', qr/\ABreakpoint 3/],
        ['clear 1', qr/Deleted/],
        ['rc', qr/\A--Thread Thread-2 \(work\)--\n> \S+\(6\)work/],
        ['rc', qr/no breakpoint was passed before/],
    );
    my @said = threaded(map { $_->[0] } @wanted);
    like($said[$_][1], $wanted[$_][1], $said[$_][0]) for 0 .. $#wanted;
};

# ---- for editors ---------------------------------------------------------------------------------

subtest 'an editor asks for frames, variables and values' => sub {
    my ($dir) = recorded('shop');
    my @commands = (
        'run '
            . encode_json(
            {breaks => [{file => "$dir/program.py", line => 9, condition => 'price == 4'}]}
            ),
        'ask stack {}',
        'ask variables {}',
        'ask variables {"up": 1}',
        'ask evaluate {"expression": "price * 2"}',
        'ask evaluate {"expression": "name", "up": 1}', 'ask evaluate {"expression": "nothing"}',
        'back ' . encode_json({back => 'change', watch => 'total', module => '__main__'}),
    );
    my $said = run(
        {dir => $dir, stdin => join('', map {"$_\n"} @commands), timeout => 120},
        test_tool('session'), replay_object('python'), 'pylog', "$dir/slice.pylog"
    );
    my ($start, $stop, $stack, $own, $up, $value, $name, $error, $back) =
        map { decode_json($_) } grep {/\A\{/} split /\n/, $said->{stdout};
    is($stop->{place}{line}, 9, 'at a breakpoint') or return diag($said->{stdout}, $said->{stderr});
    is_deeply(
        [map { [@{$_}{qw(file line function)}] } @{$stack->{frames}}],
        [
            ["$dir/program.py", 9, 'Shop.add'], ["$dir/program.py", 18, 'main'],
            ["$dir/program.py", 25, '<module>']
        ],
        'the frames, the innermost first'
    );
    is($own->{locals}{price}, '4', 'variables');
    is($up->{locals}{name}, q('pear'), 'of the caller');
    like($up->{globals}{Shop}, qr/class/, 'and globals');
    is($value->{value}, '8', 'an expression');
    is($name->{value}, q('pear'), 'in the caller');
    like($error->{error}, qr/\ANameError: name 'nothing'/, 'an error is told');
    is($back->{why}, 'here', 'what never changed leads nowhere');
};

done_testing;
