#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# pdb on a past run: its own commands as on the program itself, and to and fro in time.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Crosscut::Traced;
use Test::More;

my $python = '/usr/bin/python3.11';
sub debug { my ($dir, @commands) = @_; return debugged($dir, {}, @commands) }

# ---- as on the program itself ------------------------------------------------------------------

my @scripts = (
    ['breakpoints, looking around, stepping', <<'END'],
b 9
c
p price, count, cost
w
u
p name, items
d
n
s
r
c
p self.total
tbreak 22
b 13, i == 2
c
p i
pp locals()
cl 1
c
p text if 'text' in dir() else 0
n
n
whatis squares
a
l
c
END
    ['into functions and out of them', <<'END'],
b main
c
n
n
n
n
s
s
n
until
r
n
w
c
END
    ['commands, conditions, ignore, disable, tbreak', <<'END'],
b 9
commands 1
silent
p price, count
cont
end
b 23
c
b
ignore 1 1
condition 1 price > 3
disable 1
b
enable 1
tbreak 15
b
clear 2
c
END
    ['variables, attributes, display, source', <<'END'],
b 8
c
a
l
ll
l 1, 5
whatis price
whatis self
whatis Shop
whatis main
pp locals()
p self.name, self.total, self.__dict__
p vars
display price
display self.total
c
undisplay price
c
source Shop.add
u
p shop.total
p undefined_name
pp items
d
r
retval
c
END
    ['exceptions', <<'END'],
b 21
c
n
n
p error
p type(error), error.args, str(error)
n
p text
p 'error' in dir()
s
c
END
    ['generators', <<'END'],
b gen
c
s
n
n
n
s
r
w
until
until 13
c
c
END
    ['statements, aliases, help', <<'END'],
n
n
!y = 5
p y
alias pi pp items
b 19
c
pi
p [x * 2 for x in range(3)]
p len(items), sorted(items), {k: v for k, v in items.items()}
for k in items: print(k)
unalias pi
pi
help n
p __name__
bt
d
c
END
    ['questions, nested debuggers, interpreters', <<'END'],
b 9
b 23
clear program.py:23
clear
n
b
c
debug max(price, 7)
s
q
interact
price * 2
print(input('? '))
typed
import sys; sys.stdin.readline()
typed again
END
    ['words in full, from the first line', <<'END'],
step
step
step
list .
tbreak 18
continue
step
step
next
return
next
next
where
longlist
up
list
args
continue
END
);

# Below the main program there is nothing in a replay, and it ends once. Addresses are the run's.
sub comparable {
    my ($text) = @_;
    $text =~ s/\(in a copy: changes are gone when the program goes on\)\n//;
    $text =~ s/^(?:\(Pdb\) )?The program (?:finished and will be restarted|exited via).*\n.*//ms;
    $text =~ s/^\(Pdb\) (?:Post mortem debugger finished.*\n.*)?\z//ms;
    $text =~
        s/^(\(Pdb\) )?(?:  \S+pdb\.py\(\d+\)(?:main|_run)\(\)\n->.*\n)*  \S+bdb\.py\(\d+\)run\(\)\n-> exec.*\n  <string>\(1\)<module>\(\)\n/$1 \/\/ ''/mge;
    $text =~ s/^  File "\S+(?:pdb|bdb)\.py", line .*\n    .*\n//mg;
    $text =~ s/^  File "<string>", line 1, in <module>\n//mg;
    return $text =~ s/ at 0x[0-9a-f]+>/>/gr;
}

subtest 'pdb on a past run is as pdb on the program' => sub {
    my ($dir) = recorded('shop');
    for my $row (@scripts) {
        my ($title, $commands) = @{$row};
        my $native = run(
            {dir => $dir, only_env => traced_environment(), stdin => $commands}, $python, '-m',
            'pdb', 'program.py'
        );
        my $replay =
            replay("$dir/slice.pylog", dir => $dir, stdin => $commands, options => ['--pdb']);
        same(
            {%{$replay}, stdout => comparable($replay->{stdout})},
            {%{$native}, stdout => comparable($native->{stdout})}, $title
        );
    }
};

my @failing = (
    ['the end of a program that fails', <<'END'],
b risky
c
p items, items[1].double, [item.double for item in items]
p sorted(items, key=lambda item: -item.number)
risky([])
p items, seen
n
n
p item
c
w
p item, items[-1]
up
p seen
q
END
    ['an exception, frame by frame', <<'END'],
b risky
c
c
w
u
d
p __exception__ if '__exception__' in dir() else 0
q
END
    ['step by step through an exception', <<'END'],
b 24
c
s
s
s
s
s
s
w
s
q
END
);

subtest 'so it is with a program that fails' => sub {
    my ($dir) = recorded('fails', 1);
    for my $row (@failing) {
        my ($title, $commands) = @{$row};
        my $native = run(
            {dir => $dir, only_env => traced_environment(), stdin => $commands}, $python, '-m',
            'pdb', 'program.py'
        );
        my $replay =
            replay("$dir/slice.pylog", dir => $dir, stdin => $commands, options => ['--pdb']);
        same(
            {map { $_ => $_ eq 'status' ? 0 : comparable($replay->{$_}) } keys %{$replay}},
            {map { $_ => $_ eq 'status' ? 0 : comparable($native->{$_}) } keys %{$native}}, $title
        );
    }
};

# ---- to and fro --------------------------------------------------------------------------------

my $look = q(print({k: repr(v) for k, v in locals().items() if k[0] != '_'}));

subtest 'back and forth, it is the same at the same time' => sub {
    for my $case (['generators', 30, 10], ['classes', 20, 10], ['shop', 16, 16]) {
        my ($name, $line, $steps) = @{$case};
        my ($dir) = recorded($name);
        my @begin = ("tbreak $line", 'c');
        my @there = ('when', $look, ('s', 'when', $look) x $steps);
        my @answer = answers(debug($dir, @begin, @there, ('rs', 'when', $look) x $steps, 'q'));
        my @states = map {"$answer[3 * $_ + 3]$answer[3 * $_ + 4]"} 0 .. 2 * $steps;
        is_deeply(
            [@states[$steps + 1 .. 2 * $steps]], [reverse @states[0 .. $steps - 1]],
            "$name: stepping back"
        );

        my @moments = map { my ($moment) = /\A(\S+)/; $moment } @states[0 .. $steps];
        my @walk = map { ($_ * 7 + 3) % @moments } 0 .. 11;
        @answer = answers(debug($dir, (map { ("go $moments[$_]", 'when', $look) } @walk), 'q'));
        is_deeply(
            [map {"$answer[3 * $_ + 2]$answer[3 * $_ + 3]"} 0 .. $#walk], [@states[@walk]],
            "$name: jumping about"
        );
    }
};

subtest 'back to lines, calls and breakpoints' => sub {
    my ($dir) = recorded('shop');
    my @answer = answers(
        debug(
            $dir, 'b 9', 'c', 'c', 'p price', 'rc', 'p price', 'rn', 'rn', 'c', 'rr', 'run', 'rs',
            'c', 'clear 1', 'c', 'rc', 'when', 'q'
        ));
    like($answer[3], qr/\(9\)add/, 'at a breakpoint');
    is($answer[4], "4\n", 'the second time');
    like($answer[5], qr/\(9\)add/, 'rcontinue goes to the one before');
    is($answer[6], "3\n", 'as it was');
    like($answer[7], qr/\(8\)add/, 'rnext goes back a line');
    like($answer[8], qr/\(18\)main/, 'and out of the function');
    like($answer[10], qr/\(18\)main/, 'so does rreturn');
    like($answer[11], qr/\(2\)<module>/, 'run begins again');
    like($answer[12], qr/\(2\)<module>/, 'nothing comes before that');
    like($answer[15], qr/finished/, 'the end');
    like($answer[16], qr/there is no breakpoint: staying here\n/, 'with no breakpoint, not back');
};

subtest 'the sources need not be there' => sub {
    my ($dir) = recorded('shop');
    my @commands =
        ('n', 'n', 'b 9', 'b gen', 'c', 'll', 'source Shop.add', 'w', 'c', 'c', 'l', 'q');
    my $with = debug($dir, @commands);
    unlink "$dir/program.py";
    is(debug($dir, @commands)->{stdout}, $with->{stdout}, 'the run has read them');
    like($with->{stdout}, qr/self\.total \+= cost/, 'and they are shown');
};

subtest 'whatever is done at the prompt, the run is the same' => sub {
    my ($dir, $run) = recorded('fails', 3, 'x');
    my @bad = (
        'import os; os.write(5, b"x")', 'import random; random.seed(1)', 'items.clear()',
        'sys.exit(9)', 'os._exit(9)',
        'import ctypes; ctypes.string_at(0)', 'sys.stdout.close()', 'os.fork()', 'print(1 / 0)',
        'del sys'
    );
    my $replay = debug($dir, (map { ('n', $_) } @bad), 'c', 'q');
    unlike($replay->{stdout}, qr/diverged/, 'it does not diverge');
    like($replay->{stdout}, qr/exited via sys\.exit\(\)\. Exit status: 3/, 'it ends as it did');
    my ($line) = $run->{stdout} =~ /^(\{.*)$/m;
    like($replay->{stdout}, qr/^(?:\(Pdb\) )?\Q$line\E$/m, 'and prints what it did');
};

subtest 'a slice that cannot be read' => sub {
    my $dir = scratch('bad');
    spew("$dir/slice.pylog", 'no log');
    my $replay = debug($dir, 'q');
    is($replay->{status}, 125, 'status 125');
    like($replay->{stderr}, qr/\Acc-python-replay: .*slice\.pylog.*\n\z/, 'one line');
};

done_testing;
