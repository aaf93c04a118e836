#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks: what they are told of a past run of either language, in C, Perl and Python; those that come
# with Crosscut; and that whatever a hook does, the run is the same.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Cwd qw(abs_path);
use File::Copy qw(copy);
use Test::More;

my $root = abs_path("$FindBin::Bin/..");
my $hooks = "$FindBin::Bin/hooks";
my %with = (files => {input => "one line\n"});

# The same little shop in both languages.
my %shop;
for my $language (qw(perl python)) {
    my $suffix = $language eq 'perl' ? 'pl' : 'py';
    my $source = slurp(programs() . "/hooked/shop.$suffix");
    my ($run, $slice) = live_record('shop', [], %with, language => $language, source => $source);
    is($run->{status}, 3, "the shop in $language runs") or BAIL_OUT($run->{stderr});
    $shop{$language} = {run => $run, slice => $slice, file => "shop.$suffix", source => $source};
}

# Replays the shop with a hook, which writes into a file: the file's content. Its arguments: %s is
# that file.
sub told {
    my ($language, $hook, $title) = @_;
    my $shop = $shop{$language};
    my $out = scratch('told') . '/out';
    my $replay =
        replay($shop->{slice}, options => ['--hook', sprintf($hook, $out), '--hook-output', $out]);
    same($replay, $shop->{run}, $title // "$hook: the replay is the same");
    return -e $out ? slurp($out) : '';
}

# The same of a hook that begins each line with its moment, without those (t/0931-moments.t).
sub told_when { return told(@_) =~ s/^\[\d+\.\d+\] //mgr }

# From the main program's first statement, without what is called before it and after its end.
sub main_part {
    my ($text, $first) = @_;
    my @lines = split /\n/, $text;
    shift @lines while @lines && $lines[0] !~ /^statement \S+:$first in/;
    return @lines;
}

# The line of the source on which this stands.
sub line_of {
    my ($language, $pattern) = @_;
    my @lines = split /\n/, $shop{$language}{source};
    my ($found) = grep { $lines[$_] =~ $pattern } 0 .. $#lines;
    return $found + 1;
}

# ---- events ------------------------------------------------------------------------------------

subtest 'events of a perl' => sub {
    my $text = told('perl', test_hook('events') . '=file=shop.pl,to=%s');
    my @lines = main_part($text, line_of('perl', qr/our \$count/));
    my ($sell, $fib, $sort) =
        map { line_of('perl', $_) } qr/add\('tea'/, qr/^print fib/, qr/by_number 3/;
    my $add = line_of('perl', qr/my \(\$self, \$name/);
    my $has = sub {
        my ($line, $title) = @_;
        return ok((grep { $_ eq $line } @lines), $title) || diag($line);
    };
    $has->(
        "enter Shop::add shop.pl:$add from shop.pl:$sell  | shop.pl:$add Shop::add; shop.pl:$sell ;",
        'a sub is entered, with its place, its caller and the stack'
    );
    $has->('leave Shop::add', 'it returns');
    my $die = line_of('perl', qr/no \$name/);
    like(
        $text,
        qr/^exception : no coffee\n at shop.pl:$die\n(?:host_call.*\n)*leave Shop::add unwound\n/m,
        'an exception is raised, and the sub is left by it'
    );
    my ($recursion) = $text =~ /^(enter main::fib .*?)^statement shop.pl:\d+ in \n/ms;
    is(scalar(() = $recursion =~ /^enter main::fib/mg), 4, 'recursion: each call is told');
    is(scalar(() = $recursion =~ /^leave main::fib$/mg), 4, 'and each return');
    like(
        $text,
        qr/^enter main::jump .*\n.*\nleave main::jump\nenter main::fib \S+ from shop.pl:$fib  \|/m,
        'goto &sub leaves one and enters the other'
    );
    like($text, qr/^enter main::by_number \S+ from shop.pl:$sort /m, q{so is a sort's sub});
    like(
        $text,
        qr/^enter List::Util::first :0 .*\nenter main::__ANON__ .*\n.*\nleave main::__ANON__\nenter main::__ANON__ .*\n.*\nleave main::__ANON__\nleave List::Util::first$/m,
        'a sub in C is entered and left, and what it calls each time'
    );
    $has->('leave main::out unwound', 'a sub that "last" leaves is left');
    like(
        $text, qr/^exception : Can't call method "method" on an undefined value/m,
        q{perl's own exceptions too}
    );
    like(
        $text, qr/^enter Shop::DESTROY .*\n(?:.*\n)?statement .* in Shop::DESTROY\n/m,
        'destructors are seen'
    );
    like(
        $text, qr/^host_call open64 at shop.pl:\d+\nhost_called open64 = \d+ 0$/m,
        'host calls, before and after'
    );
    is($lines[-1], 'end 3', 'the end, with the status');
    my @entered = $text =~ /^enter (\S+)/mg;
    my @left = $text =~ /^leave (\S+)/mg;
    is(scalar @entered, scalar @left, 'whatever is entered is left');
};

subtest 'events of a python' => sub {
    my $text = told('python', test_hook('events') . '=file=shop.py,to=%s');
    my ($sell, $coffee) = map { line_of('python', $_) } qr/add\('tea'/, qr/add\('coffee'/;
    my $add = line_of('python', qr/def add/);
    my ($call) = $text =~ /^(enter Shop.add .*)$/m;
    my $main = line_of('python', qr/^main/);
    is(
        $call,
        "enter Shop.add shop.py:$add from shop.py:$sell main | shop.py:$add Shop.add; shop.py:$sell main; shop.py:$main <module>;",
        'a function is entered, with its place, its caller and the stack'
    );
    my $key = $add + 1;
    like(
        $text, qr/^exception KeyError: 'coffee' at shop.py:$key\nleave Shop.add unwound$/m,
        'an exception is raised, and leaves the function'
    );
    is(
        scalar(() = $text =~ /^exception ValueError: /mg), 1,
        'one that passes several is told once'
    );
    like($text, qr/^leave fails unwound\nleave passes unwound$/m, 'and leaves each of them');
    is(
        scalar(() = $text =~ /^enter numbers /mg), 3,
        'a generator is entered each time that it goes on'
    );
    like(
        $text, qr/^enter sorted :0 .*\nenter main\.<locals>\.<lambda> /m,
        'functions in C, and what they call'
    );
    like(
        $text, qr/^host_call open64 at shop.py:\d+\nhost_called open64 = \d+ 0$/m,
        'host calls, before and after'
    );
    like($text, qr/^end 3\n\z/m, 'the end, with the status');
    my @entered = $text =~ /^enter (\S+)/mg;
    my @left = $text =~ /^leave (\S+)/mg;
    is(scalar @entered, scalar @left, 'whatever is entered is left');
};

subtest 'ops are told when a hook asks for them' => sub {
    my $text = told('perl', test_hook('events') . '=file=shop.pl,ops,to=%s');
    like($text, qr/^op pushmark\n/m, 'of a perl');
    my $all = () = $text =~ /^op /mg;
    cmp_ok($all, '>', 250, "$all of them");
    $text = told('python', test_hook('events') . '=file=shop.py,ops,to=%s');
    like($text, qr/^op LOAD_FAST\n/m, 'of a python');
    unlike($text, qr/^op \w+__|^op \w+_ADAPTIVE/m, 'under the names that dis has');
};

# ---- in Perl and Python ------------------------------------------------------------------------

SKIP: {
    skip 'the package libperl5.36 is not installed and cannot be', 1 if !get('libperl5.36');
    is(
        told('perl', "$hooks/told.pl=shop.pl,%s", 'a hook in Perl: the replay is the same'),
        told('perl', test_hook('events') . '=file=shop.pl,to=%s', 'as with one in C'),
        'it is told what a hook in C is told'
    );
}

is(
    told('python', "$hooks/told.py=shop.py,%s", 'a hook in Python: the replay is the same'),
    told('python', test_hook('events') . '=file=shop.py,to=%s', 'as with one in C'),
    'it is told what a hook in C is told'
);

# ---- values ------------------------------------------------------------------------------------

my %variables = (
    perl => {
        source => <<'END',
use utf8;
our $shared = 7;
our %table = (one => [1, 2, {deep => 'x'}], "gr\x{fc}n" => 2);
my ($number, $big, $real, $text, $wide, $undefined) = (-5, 18446744073709551615, 0.5, "a\nb", "\x{263a}");
my @list = (1, 'two', undef);
my $ref = \%table;
my $object = bless [3], 'Some::Class';
sub inner {
    my ($number) = @_;
    my $copy = $number;
    return $copy;
}
for my $number (42) { inner('argument') }
print "done\n";
END
        values => [
            [13, '$number' => '-5'],
            [13, '$big' => '18446744073709551615'],
            [13, '$real' => '0.5'],
            [13, '$text' => '"a\\nb"'],
            [13, '$wide' => "\"\xe2\x98\xba\""],
            [13, '$undefined' => 'nothing'],
            [13, '@list' => qr/^ARRAY\(0x[0-9a-f]+\) of 3$/],
            [13, '$list[1]' => '"two"'],
            [13, '$list[-1]' => 'nothing'],
            [13, '$ref->{one}[2]{deep}' => '"x"'],
            [13, '$table{one}[0]' => '1'],
            [13, '$main::shared' => '7'],
            [13, '$shared' => '7'],
            [13, '$object' => qr/^Some::Class\(0x[0-9a-f]+\) of 1$/],
            [13, '$object->[0]' => '3'],
            [10, '$number' => '"argument"'],
            [10, '$_[0]' => '"argument"'],
            [11, '$copy' => '"argument"'],
            [11, '$text' => '"a\\nb"'],
            [13, '$copy' => undef],
            [13, '$nothing' => undef],
            [13, '$list[7]' => undef],
        ],
    },
    python => {
        source => <<'END',
class Thing:
    __slots__ = ('slot',)
    shared = 'class'
    def __init__(self):
        self.slot = 3
class Plain:
    def __init__(self):
        self.name = 'plain'
        self.thing = Thing()
def inner(argument, *rest):
    copy = argument
    return lambda: copy
number, big, real, text, nothing = -5, 2**64 - 1, 0.5, 'a\nb', None
wide, data, flag = '\u263a', b'\xff\0', True
items = [1, 'two', {'key': (4, 5)}]
plain = Plain()
inner('argument', 1, 2)()
print('done')
END
        values => [
            [17, 'number' => '-5'],
            [17, 'big' => '18446744073709551615'],
            [17, 'real' => '0.5'],
            [17, 'text' => '"a\\nb"'],
            [17, 'nothing' => 'nothing'],
            [17, 'wide' => "\"\xe2\x98\xba\""],
            [17, 'data' => '"\\xff\\x00"'],
            [17, 'flag' => '1'],
            [17, 'items' => qr/^list\(0x[0-9a-f]+\) of 3$/],
            [17, 'items[1]' => '"two"'],
            [17, q(items[-1]['key'][1]) => '5'],
            [17, 'plain.name' => '"plain"'],
            [17, 'plain.thing.slot' => '3'],
            [17, 'plain.thing.shared' => '"class"'],
            [11, 'argument' => '"argument"'],
            [11, 'rest[1]' => '2'],
            [12, 'copy' => '"argument"'],
            [12, 'number' => '-5'],
            [11, 'copy' => undef],
            [17, 'argument' => undef],
        ],
    },
);

for my $language (qw(perl python)) {
    subtest "a hook reads the variables of a $language" => sub {
        my $suffix = $language eq 'perl' ? 'pl' : 'py';
        my ($run, $slice) = live_record(
            'values', [], language => $language,
            source => $variables{$language}{source});
        is($run->{status}, 0, 'it runs') or return diag($run->{stderr});
        my @rows = @{$variables{$language}{values}};
        my $out = scratch('values') . '/out';
        my $names = join ',', map {"variable=$_->[1]"} @rows;
        same(
            replay(
                $slice,
                options => [
                    '--hook', test_hook('events') . "=file=values.$suffix,$names,to=$out",
                    '--hook-output', $out
                ]
            ),
            $run,
            'the replay is the same'
        );
        my $text = slurp($out);
        for my $row (@rows) {
            my ($line, $name, $value) = @{$row};
            my ($shown) = $text =~ /^statement values\.\w+:$line in .*\n((?:  .*\n)*)/m;
            my ($got) = $shown =~ /^  \Q$name\E = (.*)/m;
            ref $value
                ? like($got, $value, "$name in line $line")
                : is($got, $value, "$name in line $line");
        }
    };
}

subtest 'a hook reads the arguments of host calls' => sub {
    my $text = told('perl', test_hook('events') . '=file=shop.pl,arguments,to=%s');
    like(
        $text, qr/^host_call open64 path="input" flags=\d+ mode=nothing at shop/m,
        'numbers and texts'
    );
    like(
        $text, qr/^host_call read fd=\d+ buf=nothing n=8192 at shop/m,
        'what comes in is not there before the call'
    );
    like(
        $text, qr/^host_called read fd=\d+ buf="one line\\n" n=8192 = 9 0$/m,
        'and is after it, with the result'
    );
};

# ---- those that come with Crosscut ---------------------------------------------------------------

subtest 'coverage' => sub {
    for my $language (qw(perl python)) {
        my $info = told($language, 'coverage=out=%s');
        my ($part) = $info =~ /^(SF:\S*shop\.p[ly]\n.*?^end_of_record\n)/ms;
        my $sells = line_of($language, qr/add\('tea'/);
        my $never = line_of($language, qr/sub never|return 1$/);
        my $add = line_of($language, qr/\$count\+\+|self\.total \+=/);
        like($part, qr/^DA:$sells,1$/m, "$language: a line that ran once");
        like($part, qr/^DA:$never,0$/m, 'one that never ran');
        like($part, qr/^DA:$add,1$/m, 'and one that an exception came before');
        like($part, qr/^FNDA:2,Shop(?:::|\.)add$/m, 'how often a sub was called');
        like($part, qr/^FNDA:0,(?:main::)?never$/m, 'one that was not');
        my @lines = $part =~ /^DA:\d+,(\d+)$/mg;
        like(
            $part, qr/^LF:@{[scalar @lines]}\nLH:@{[scalar grep {$_} @lines]}\n/m,
            'the sums are right'
        );
    }
};

subtest 'genhtml opens a coverage anywhere' => sub {
    for my $language (qw(perl python)) {
        my $dir = scratch('genhtml');
        my $hook = "coverage=out=$dir/coverage.info,sources=$dir/sources";
        same(
            replay($shop{$language}{slice}, options => ['--hook', $hook]), $shop{$language}{run},
            "$language: the replay is the same"
        );
        my ($name) = slurp("$dir/coverage.info") =~
            m{^SF:(\Q$dir\E/sources/\S+/\Q$shop{$language}{file}\E)$}m;
        ok($name, 'the file is one below the directory that was named') or next;
        is(slurp($name), $shop{$language}{source}, 'it is the source, as the run read it');
    SKIP: {
            skip 'the package lcov is not installed and cannot be', 2 if !get('lcov');
            my $elsewhere = scratch('elsewhere');
            my $made = run({dir => $elsewhere}, qw(genhtml -o html), "$dir/coverage.info");
            succeeds($made, 'genhtml reads it, in another directory');
            unlike($made->{stdout} . $made->{stderr}, qr/warn|error|ignor/i, 'without a warning');
        }
    }
};

subtest 'names and sources of a coverage' => sub {
    my ($run, $slice) =
        live_record('where', [], files => {'lib/there.pl' => "1;\n"}, source => <<'END');
# line 1 "/../../made/up"
sub made { return 1 }
made();
# line 5 "where.pl"
chdir 'lib' or die;
require './there.pl';
print "done\n";
END
    is($run->{stdout}, "done\n", 'it runs') or return;
    my $dir = scratch('where');
    my $replay = replay($slice, options => ['--hook', "coverage=out=$dir/absolute"]);
    same($replay, $run, 'without sources');
    my @names = slurp("$dir/absolute") =~ /^SF:(.*)$/mg;
    is(scalar(grep {m{^/.*/where\.pl$}} @names), 1, 'names are absolute');
    is(scalar(grep {m{^/.*/lib/there\.pl$}} @names), 1, 'also after chdir') or diag("@names");
    $replay =
        replay($slice, options => ['--hook', "coverage=out=$dir/copied,sources=$dir/sources"]);
    like(
        $replay->{stderr},
        qr{^coverage: the slice has no source of /\.\./\.\./made/up: loaded from bytecode, or made by the program$}m,
        'a file that nobody read is told'
    );
    ok(-s "$dir/sources/made/up", 'a page says so in its place, below the directory');
    ok(-s "$dir/sources/$names[-1]", 'the others are there');
    spew("$dir/file", '');
    for my $row (
        ["$dir/none/sources", 'No such file or directory'],
        ["$dir/file", 'Not a directory']
    ) {
        $replay = replay($slice, options => ['--hook', "coverage=out=$dir/not,sources=$row->[0]"]);
        like($replay->{stderr}, qr/^coverage: \Q$row->[0]\E: $row->[1]$/m, "$row->[1]: one line");
        is($replay->{status}, 125, 'and status 125');
        is($replay->{stdout}, '', 'before the program runs');
    }
};

subtest 'call profile' => sub {
    for my $language (qw(perl python)) {
        my $dir = scratch('profile');
        my $stacks = told($language, "callprofile=out=$dir/callgrind.out,stacks=%s");
        my $text = slurp("$dir/callgrind.out");
        my ($summary) = $text =~ /^summary: (\d+)$/m;
        my $sum = 0;
        $sum += $_ for $stacks =~ / (\d+)$/mg;
        is($sum, $summary, "$language: both files have as many statements");
        my $events = told($language, test_hook('events') . '=to=%s');
        my $told = () = $events =~ /^statement /mg;
        is($summary, $told, 'and all of them');
        like(
            $stacks, $language eq 'perl'
            ? qr/^\(main\);main::fib;main::fib \d+$/m
            : qr/;main;sum;numbers \d+$/m, 'stacks are collapsed'
        );
    SKIP: {
            skip 'the package valgrind is not installed and cannot be', 4 if !get('valgrind');
            my $annotated = run(
                {dir => $dir},
                qw(callgrind_annotate --inclusive=yes --threshold=100 callgrind.out)
            );
            succeeds($annotated, 'callgrind_annotate reads it');
            is($annotated->{stderr}, '', 'without a warning');
            like(
                $annotated->{stdout},
                qr/^Profiled target:  \S+ (?:\S+ )*\Q$shop{$language}{file}\E$/m,
                'it knows the command'
            );
            my $commas = scalar reverse join ',', unpack '(A3)*', reverse $summary;
            like(
                $annotated->{stdout}, qr/^\Q$commas\E \(100\.0%\)  PROGRAM TOTALS$/m,
                'and finds the total'
            );
        }
    }
    my $dir = scratch('profile');
    my $by_ops = told('perl', "callprofile=cost=ops,out=$dir/callgrind.out,stacks=%s");
    like(slurp("$dir/callgrind.out"), qr/^events: Ops$/m, 'ops can be counted instead');
};

subtest 'a call profile and what loads code' => sub {
    my %source = (
        perl =>
            "use Carp;\nuse POSIX;\nsub mine { 1 }\nmine();\nsub late { require Text::Wrap }\nlate();\n",
        python => "import json\n\ndef mine(): pass\nmine()\ndef late():\n    import csv\nlate()\n",
    );
    my %load = (perl => '(use)', python => '(import)');
    for my $language (qw(perl python)) {
        my ($run, $slice) =
            live_record('loads', [], language => $language, source => $source{$language});
        is($run->{status}, 0, "$language runs") or next;
        my ($mine, $late) = map { $language eq 'perl' ? "main::$_" : $_ } qw(mine late);
        my (%stacks, %total);
        for my $loads (qw(one none all)) {
            my $dir = scratch('loads');
            my $hook = "callprofile=loads=$loads,out=$dir/out,stacks=$dir/stacks";
            same(replay($slice, options => ['--hook', $hook]), $run, "loads=$loads");
            $stacks{$loads} = slurp("$dir/stacks");
            ($total{$loads}) = slurp("$dir/out") =~ /^totals: (\d+)$/m;
            like($stacks{$loads}, qr/;\Q$mine\E \d+$/m, q{the program's own subs are there});
        }
        is($total{one}, $total{all}, 'what loads code costs the same as one sub, or call by call');
        cmp_ok($total{none}, '<', $total{one} / 5, 'and nothing when it is left out');
        like($stacks{one}, qr/^\(main\);(?:\S+;)?\Q$load{$language}\E \d+$/m, 'it is one sub');
        like(
            $stacks{one}, qr/;\Q$late;$load{$language}\E \d+$/m,
            'one of the sub that asks for it'
        );
        unlike($stacks{one}, qr/\Q$load{$language}\E;/, 'which calls nothing');
        unlike(
            $stacks{none}, qr/\Q$load{$language}\E|BEGIN|_find_and_load/,
            'left out, it is not there'
        );
        like(
            $stacks{all}, qr/;(?:main::BEGIN|_find_and_load);/,
            'call by call, it has its own names'
        );
    }
    for my $row (
        ['loads=some', 'loads=some: one, none or all is needed'],
        ['depth=0', 'depth=0: a number from 1 to 1000000 is needed']
    ) {
        my $replay = replay($shop{perl}{slice}, options => ['--hook', "callprofile=$row->[0]"]);
        like($replay->{stderr}, qr/^callprofile: $row->[1]$/m, "$row->[0] is refused");
        is($replay->{status}, 125, 'with status 125');
    }
};

subtest 'a deep recursion takes as much as it has calls' => sub {
    my %source = (
        perl =>
            'no warnings; sub leaf { 1 } sub deep { my ($n) = @_; leaf(); return $n ? 1 + deep($n - 1) : 0 } print deep($ARGV[0]), "\n";',
        python =>
            "import sys\nsys.setrecursionlimit(10**6)\ndef leaf(): pass\ndef deep(n):\n    leaf()\n    return 1 + deep(n - 1) if n else 0\nprint(deep(int(sys.argv[1])))\n",
    );
    for my $language (qw(perl python)) {
        my %size;
        for my $n (20_000, 40_000) {
            my ($run, $slice) =
                live_record('deep', [$n], language => $language, source => $source{$language});
            is($run->{stdout}, "$n\n", "$language runs") or next;
            my $dir = scratch('deep');
            for my $hook (
                "callprofile=out=$dir/profile,stacks=$dir/stacks",
                "calltrace=out=$dir/trace"
            ) {
                same(replay($slice, options => ['--hook', $hook]), $run, "$n deep: $hook");
            }
            push @{$size{$_}}, -s "$dir/$_" for qw(profile stacks trace);
            like(slurp("$dir/stacks"), qr/;\(deeper\) \d+$/m, 'a stack ends somewhere');
            my ($line) = grep { index($_, "($n) ") >= 0 } split /^/, slurp("$dir/trace");
            like(
                $line, qr/\A\[[\d.]+\] {201}\($n\) (?:main::)?\w+\S*  /,
                'and a line tells how deep it is'
            );
            my ($sum, $text) = (0, slurp("$dir/profile"));
            $sum += $_ for slurp("$dir/stacks") =~ / (\d+)$/mg;
            is($sum, $text =~ /^totals: (\d+)$/m ? $1 : -1, 'no statement is lost');
        SKIP: {
                skip 'the package valgrind is not installed and cannot be', 1 if !get('valgrind');
                my $annotated = run(
                    {dir => $dir},
                    qw(callgrind_annotate --inclusive=yes --threshold=100 --auto=no profile)
                );
                my @over = grep { $_ > 100 } $annotated->{stdout} =~ /^[\d,]+ \( *([\d.]+)%\)/mg;
                is("@over", '', 'a recursive sub costs no more than all');
            }
        }
        cmp_ok($size{$_}[1] / $size{$_}[0], '<', 2.2, "twice as deep: not more than twice the $_")
            for sort keys %size;
    }
};

subtest 'call trace' => sub {
    my $text = told_when('perl', 'calltrace=out=%s,under=shop.pl,arguments=1');
    my $fib = line_of('perl', qr/^print fib/);
    like(
        $text,
        qr/^main::fib\(2\)  shop.pl:$fib\n  main::fib\(1\)  shop.pl:\d+\n  main::fib\(0\)  /m,
        'perl: calls are indented, with their arguments'
    );
    like(
        $text,
        qr/^Shop::add\(Shop\(0x[0-9a-f]+\) of 2, "coffee", 1\)  shop.pl:\d+\n  ! no coffee  shop.pl:\d+\nShop::add did not return$/m,
        'exceptions are among them'
    );
    $text = told_when('python', 'calltrace=out=%s');
    like(
        $text,
        qr/^ +passes  \S+\n +fails  \S+\n +! ValueError: \('enough', 3\)  \S+shop\.py:\d+\n +fails did not return\n +passes did not return$/m,
        'python'
    );
};

subtest 'audit' => sub {
    for my $language (qw(perl python)) {
        my $text = told_when($language, 'audit=out=%s');
        my $open = line_of($language, qr/open.*input/);
        like(
            $text, qr/^\S*shop\.p[ly]:$open(?: main)?: open "input" to read$/m,
            "$language: who opened a file"
        );
        like(
            $text, qr/^\S*shop\.p[ly]:\d+(?: main)?: close "input": 9 bytes read, 0 written$/m,
            'and what was read'
        );
        like($text, qr/^end with status 3\n\z/m, 'and the end');
    }
    my ($run, $slice) = live_record('audited', [], source => <<'END');
open my $out, '>', 'new' or die; print {$out} "text\n"; close $out;
rename 'new', 'other'; unlink 'other'; mkdir 'there'; rmdir 'there'; rmdir 'other';
system 'echo', 'words and more';
use Socket; socket my $s, PF_INET, SOCK_STREAM, 0; connect $s, pack_sockaddr_in(1, inet_aton('127.0.0.1'));
END
    my $out = scratch('audit') . '/audit.txt';
    is(
        replay($slice, options => ['--hook', "audit=out=$out"])->{status}, $run->{status},
        'a program that does more'
    );
    my $text = slurp($out) =~ s/^\[\d+\.\d+\] //mgr;
    like($text, $_->[0], $_->[1])
        for [qr/audited.pl:1: open "new" to write, emptied$/m, 'a file is written'],
        [qr/audited.pl:1: close "new": 0 bytes read, 5 written$/m, 'with so many bytes'],
        [
        qr/audited.pl:2: rename "new" "other"\naudited.pl:2: remove "other"$/m,
        'renamed and removed'
        ],
        [qr/make directory "there"\naudited.pl:2: remove directory "there"$/m, 'directories are'],
        [qr/remove directory "other" failed: No such file or directory$/m, 'what fails says so'],
        [qr/audited.pl:3: fork$/m, 'a program is started'],
        [
        qr/audited.pl:4: connect 127\.0\.0\.1:1 failed: Connection refused$/m,
        'a connection is tried'
        ];
};

# libdb makes a number of the address of a local variable, and writes it into its files: hooks may
# not take stack.
subtest 'what functions in C find on the stack' => sub {
    my ($run, $slice) = live_record('stack', [], source => <<'END');
use strict;
use warnings;
use DB_File;
use List::Util qw(first);
my $files = 0;

sub file {
    my %table;
    tie %table, 'DB_File', 'db' . $files++, O_RDWR | O_CREAT, 0600 or die "DB_File: $!";
    $table{$_} = 1 for 1 .. 3;
    untie %table;
    return 1;
}
sub Guard::DESTROY { main::file() }
sub guarded { my $guard = bless [], 'Guard'; return scalar @_ }
sub deep { my ($n) = @_; return $n ? first { deep($n - 1) } 1 : file() }
sub DB_Other::TIEHASH { @_ = ('DB_File', 'db' . $files++, O_RDWR | O_CREAT, 0600); goto &DB_File::TIEHASH }
file();
guarded(1);
deep(5);
for (1 .. 3) {
    eval { my $found = first { $_ == 3 ? die "three\n" : 0 } 1 .. 5 };
    print $@;
}
tie my %other, 'DB_Other' or die "DB_Other: $!";
$other{x} = 1;
untie %other;
file();
print "$files files\n";
END
    is($run->{stdout}, "three\n" x 3 . "5 files\n", 'it runs') or return;
    same(replay($slice), $run, 'the replay is the same');
    my $out = scratch('stack') . '/out';
    for my $hook (
        "coverage=out=$out", "callprofile=out=$out", "calltrace=out=$out",
        test_hook("events") . "=to=$out"
    ) {
        my $replay = replay($slice, options => ['--hook', $hook, '--hook-output', $out]);
        same($replay, $run, "under $hook, too");
    }
};

subtest 'who wrote a variable' => sub {
    my ($sell, $total, $undef) = map { line_of('perl', $_) } qr/add\('tea'/, qr/\{total\} \+=/,
        qr/^undef \$shop/;
    is(
        told_when('perl', 'whowrote=$shop->{total},out=%s'),
        <<"END", 'perl: an element, through a reference');
shop.pl:$sell: \$shop->{total}: first seen: 0
shop.pl:$total Shop::add: \$shop->{total}: 0 → 6
END
    my ($our, $count) = map { line_of('perl', $_) } qr/our \$count/, qr/\$count\+\+/;
    like(
        told_when('perl', 'whowrote=$Shop::count,out=%s'),
        qr/^shop.pl:$our: \$Shop::count: nothing → 0\nshop.pl:$count Shop::add: \$Shop::count: 0 → 1\n\z/m,
        'a variable of a package'
    );
    like(
        told_when('perl', 'whowrote=$shop,out=%s'),
        qr/^shop.pl:$undef: \$shop: Shop .*? → nothing$/m,
        'a lexical, with what is in it'
    );
    my ($tea, $add) = map { line_of('python', $_) } qr/add\('tea'/, qr/self\.total \+=/;
    like(
        told_when('python', 'whowrote=main:shop.total,out=%s'),
        qr/\A\S+shop\.py:$tea main: shop\.total: first seen: 0\n\S+shop\.py:$add Shop\.add: shop\.total: 0 → 6\n\z/,
        'python: an attribute, while its function waits for another'
    );
};

subtest 'examples in Perl and Python' => sub {
    my $text = told('perl', 'arguments.pl=Shop::add,out=%s');
    like($text, qr/^1\tShop::add\(Shop, 'coffee', 1\)\tfirst from shop\.pl:\d+$/m, 'arguments.pl');
    $text = told_when('python', 'exceptions.py=out=%s,name');
    like(
        $text,
        qr/^KeyError: 'coffee'\n  \S+shop\.py:\d+ Shop\.add name='coffee'\n  \S+shop\.py:\d+ main\n/m,
        'exceptions.py'
    );
};

# ---- nothing is disturbed ----

for my $row (
    ['perl', "$hooks/hostile.pl", qw(addresses hashorder files errno random language sort)],
    ['python', "$hooks/hostile_hook.py", qw(addresses collector hashorder)]
) {
    my ($language, $script, @programs) = @{$row};
    for my $name (@programs) {
        subtest "whatever hooks do, $name in $language is the same" => sub {
            my ($run, $slice) = live_record($name, [], language => $language);
            is($run->{status}, 0, 'it runs') or return diag($run->{stderr});
            same(
                replay(
                    $slice, options => ['--allow-host', '--hook', test_hook('hostile')],
                    timeout => 300
                ),
                $run,
                'a hook in C'
            );
            my $kept = replay($slice, options => ['--hook', $script], timeout => 300);
            is_deeply(
                [@{$kept}{qw(stdout status)}], [@{$run}{qw(stdout status)}],
                'a hook in its own language, which is kept from this machine'
            );
            ok(refusals($kept), 'what it is refused is told');
            my $replay =
                replay($slice, options => ['--allow-host', '--hook', $script], timeout => 300);
            my $said = join '', grep {/replay goes on/} split /^/, $replay->{stderr};
            $replay->{stderr} =~
                s/^(?:enough|exit in a hook|SystemExit in a hook)\ncc-\w+-replay: the .*the replay goes on\n//mg;
            same($replay, $run, "a hook in its own language, which dies at last");
            like(
                $said,
                qr/the (?:enter|leave) hook (?:died|raised an exception): it is called no more/,
                'and that is said'
            );
        };
    }
}

# ---- what cannot be loaded ----

subtest 'hooks that cannot be loaded' => sub {
    my $dir = scratch('bad');
    my %made = (
        old => "int cc_hook_load(void *hook) { return 0; }\n",
        none => "int nothing;\n",
        refuses => "int cc_hook_load_4(void *hook) { return 1; }\n",
    );
    for my $name (sort keys %made) {
        spew("$dir/$name.c", $made{$name});
        succeeds(
            run({dir => $dir}, qw(gcc -shared -fPIC -o), "$name.so", "$name.c"),
            "$name.so is made"
        );
    }
    spew("$dir/wrong.pl", "sub {\n");
    spew("$dir/dies.pl", "die qq{not me\\n};\n");
    spew("$dir/event.pl", "use Crosscut::Hook qw(on);\non nothing => sub {};\n");
    spew("$dir/wrong.py", "def x(:\n");
    spew("$dir/other.txt", "text\n");
    for my $row (
        [coverage => 'oout=x', 'out sources all'],
        [callprofile => 'stack=x', 'out stacks cost'],
        [calltrace => 'out', 'out under arguments'],
        [audit => 'out=-,x', 'out'],
        [whowrote => '$total,to=x', 'out']
    ) {
        my ($hook, $arguments, $known) = @{$row};
        my $replay = replay($shop{perl}{slice}, options => ['--hook', "$hook=$arguments"]);
        like(
            $replay->{stderr}, qr/^$hook: no option \S+; there are: $known /m,
            "$hook=$arguments: it says which there are"
        );
        is($replay->{status}, 125, 'and status 125');
    }
    for my $language (qw(perl python)) {
        my $replay =
            replay($shop{$language}{slice}, options => ['--hook', 'whowrote=$nosuch,out=-']);
        like(
            $replay->{stderr}, qr/^whowrote: \$nosuch: no such variable was ever there$/m,
            "$language: a variable that never was"
        );
    }
    my @rows = (
        [perl => 'covreage', qr/covreage: no such hook; did you mean coverage[?]/],
        [
            perl => "$dir/old.so",
            qr/old\.so: it was made for version 1 of hooks\.h, and this is version 4: compile it again/
        ],
        [perl => "$dir/none.so", qr/none\.so: it has no cc_hook_load/],
        [perl => "$dir/refuses.so", qr/refuses\.so: it refused to load/],
        [perl => "$dir/missing.so", qr/missing\.so: no such file/],
        [perl => 'unheard', qr/unheard: no such hook/],
        [perl => "$dir/other.txt", qr/other\.txt: is text, and no hook: /],
        [perl => "$dir/wrong.pl", qr/wrong\.pl: Missing right curly/],
        [perl => "$dir/dies.pl", qr/dies\.pl: not me/],
        [perl => "$dir/event.pl", qr/event\.pl: Crosscut::Hook: there is no event nothing/],
        [python => "$dir/wrong.py", qr/wrong\.py: SyntaxError/],
        [python => "$dir/old.so", qr/version 1 of hooks\.h/],
    );
    for my $row (@rows) {
        my ($language, $hook, $message) = @{$row};
        my $replay = replay($shop{$language}{slice}, options => ['--hook', $hook]);
        like($replay->{stderr}, qr/\Acc-$language-replay: .*$message.*\n\z/, "$hook: one line");
        is($replay->{status}, 125, 'and status 125');
        is($replay->{stdout}, '', 'and no output');
    }
    my $both = replay(
        $shop{python}{slice},
        options => ['--hook', 'coverage', '--trace', "$hooks/hostile.py:hoards"]);
    like(
        $both->{stderr}, qr/--hook does not go with --print, --trace/,
        'a hook and a trace function: one at a time'
    );
    $both = replay($shop{perl}{slice}, options => [qw(--hook coverage -d)], stdin => "q\n");
    is(
        $both->{stderr},
        "cc-perl-replay: --hook does not go with the debugger: replay the slice once for each\n",
        'so a hook and a debugger, in one line'
    );
    $both = replay(
        $shop{python}{slice},
        options => ['--pdb', '--trace', "$hooks/hostile.py:hoards"],
        stdin => "q\n"
    );
    is(
        $both->{stderr},
        "cc-python-replay: --trace does not go with the debugger: replay the slice once for each\n",
        '… a tracer and a debugger'
    );
};

# ---- installed ----

subtest 'a hook is written with what is installed' => sub {
    my $dir = scratch('installed');
    succeeds(
        run({dir => $root, timeout => 300}, qw(make -s install), "PREFIX=$dir/usr", 'O=' . build()),
        'make install'
    );
    spew("$dir/count.c", <<'END');
#include <crosscut/hooks.h>
#include <stdio.h>

static unsigned long statements;
static void statement(void *data, const char *file, unsigned line, const char *sub) { statements++; }
static void end(void *data, int status) { fprintf(stderr, "%s %lu statements, status %d\n", (char *)data, statements, status); }
int cc_hook_load(struct cc_hook *hook)
{
	hook->data = (void *)hook->arguments;
	hook->statement = statement;
	hook->end = end;
	return 0;
}
END
    my %env = (PKG_CONFIG_PATH => "$dir/usr/lib/pkgconfig");
    my $made = run(
        {dir => $dir, env => \%env}, 'sh', '-c',
        'cc -Wall -Wextra -Wno-unused-parameter -Werror -shared -fPIC $(pkg-config --cflags crosscut) -o count.so count.c'
    );
    succeeds($made, 'it is compiled with pkg-config');
    my $replay = run(
        {dir => $dir}, "$dir/usr/bin/cc-perl-replay", '--hook', './count.so=told',
        $shop{perl}{slice});
    like($replay->{stderr}, qr/^told \d+ statements, status 3$/m, 'and runs, with its arguments');

    for my $name (qw(coverage callprofile calltrace audit arguments.pl=Shop::add)) {
        $replay =
            run({dir => $dir}, "$dir/usr/bin/cc-perl-replay", '--hook', $name, $shop{perl}{slice});
        same($replay, $shop{perl}{run}, "$name is installed");
    }
    ok(-s "$dir/$_", "$_ is written")
        for qw(coverage.info callgrind.out callstacks.txt calltrace.txt audit.txt arguments.txt);
    succeeds(run({dir => $root}, qw(make -s uninstall), "PREFIX=$dir/usr"), 'make uninstall');
    is(
        join(' ', glob "$dir/usr/*/crosscut $dir/usr/lib/pkgconfig/* $dir/usr/share/*/crosscut"),
        '', 'and nothing is left'
    );
};

done_testing;
