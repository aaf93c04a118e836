#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Retroactive prints: what a statement would have printed, had it stood there on the day; and
# whatever it does, the program's run is the same.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use File::Path qw(make_path);
use JSON::PP qw(decode_json);
use Test::More;

my $root = programs() . '/printed';

# The program with its module, recorded once: the run, and the slice.
my %kinds = (pl => 'plog', py => 'pylog');
my %recorded;

sub recorded {
    my ($suffix) = @_;
    return @{$recorded{$suffix}} if $recorded{$suffix};
    my $dir = scratch("printed-$suffix");
    make_path("$dir/lib");
    copy("$root/shop.$suffix", "$dir/shop.$suffix") or die "shop.$suffix: $!";
    copy("$root/lib/Shop.pm", "$dir/lib/Shop.pm") or die "Shop.pm: $!";
    my $slice = "$dir/slice.$kinds{$suffix}";
    my $run = record_natively($slice, {dir => $dir}, "shop.$suffix");
    is($run->{status}, 3, 'the program runs') or diag($run->{stderr});
    return @{$recorded{$suffix} = [$run, $slice]};
}

# A replay with these options: what was printed, and whether all else was as in the run.
sub printed {
    my ($suffix, $title, @options) = @_;
    my ($run, $slice) = recorded($suffix);
    my $replay = replay($slice, options => [@options], timeout => 60);
    my @lines = grep {/\A(?:\[\d+[.]\d+ |cc-|\{)/} split /^/, $replay->{stderr};
    $replay->{stderr} = join q(), grep { !/\A(?:\[\d+[.]\d+ |cc-|\{)/ } split /^/,
        $replay->{stderr};
    same($replay, $run, "$title: the program is the same");
    return map { chomp; $_ } @lines;
}

sub values_of {
    my (@lines) = @_;
    return map { /\A\[\d+[.]\d+ [^\]]*\] (.*)\z/s ? $1 : $_ } @lines;
}

# Positions rise, and files and lines are as said.
sub rise {
    my (@lines) = @_;
    my @at = map { /\A\[(\d+)[.](\d+) / ? [$1, $2] : () } @lines;
    return !grep {
        $at[$_][0] < $at[$_ - 1][0]
            || ($at[$_][0] == $at[$_ - 1][0] && $at[$_][1] < $at[$_ - 1][1])
    } 1 .. $#at;
}

# ---- at lines and at functions -----------------------------------------------------------------

subtest 'perl: at a line' => sub {
    my @lines = printed('pl', 'plain', '--print', 'lib/Shop.pm:14:"$user $total"');
    is_deeply([values_of(@lines)], ['ada 6', 'brian 10', 'grace 10'], 'each time it was reached');
    like($lines[0], qr{\A\[\d+[.]\d+ lib/Shop[.]pm:14\] ada 6\z}, 'with its time and place');
    ok(rise(@lines), 'in order');
    is_deeply(
        [printed('pl', 'by its name alone', '--print', 'Shop.pm:14:"$user $total"')],
        \@lines, 'the same'
    );
    is_deeply(
        [printed('pl', 'no part of a name', '--print', 'hop.pm:14:1')],
        [
            'cc-perl-replay: --print hop.pm:14: nothing of such a file was run; did you mean lib/Shop.pm?'
        ],
        'it is another file'
    );
    my @copied = printed('pl', 'not plain', '--print', 'Shop.pm:14:join " ", $user, $total');
    is_deeply(\@copied, \@lines, 'what perl itself evaluates is printed alike');
};

subtest 'perl: where a sub begins' => sub {
    my @lines = printed(
        'pl', 'plain', '--print', 'Shop::total:"$_[1] $#_ @_[1,2]"', '--print',
        'total:$_[2]'
    );
    is_deeply(
        [values_of(@lines)], ['ada 2 ada 3', 3, 'brian 2 brian 5', 5, 'grace 2 grace 5', 5],
        'its arguments'
    );
    like($lines[0], qr{Shop[.]pm:11\]}, 'at its first statement');
};

subtest 'python: at a line' => sub {
    my @lines = printed('py', 'plain', '--print', 'shop.py:24:f"{user} {total} {self.name!r}"');
    is_deeply(
        [values_of(@lines)], [q(ada 6 'corner'), q(brian 10 'corner'), q(grace 10 'corner')],
        'each time it was reached'
    );
    like($lines[0], qr{\A\[\d+[.]\d+ \S*shop[.]py:24\] }, 'with its time and place');
    ok(rise(@lines), 'in order');
    my @copied = printed(
        'py', 'not plain', '--print',
        'shop.py:24:" ".join([user, str(total), repr(self.name)])'
    );
    is_deeply(\@copied, \@lines, 'what python itself evaluates is printed alike');
};

subtest 'python: where a function begins' => sub {
    my @lines = printed(
        'py', 'plain', '--print', 'Shop.total:user', '--print', 'numbers:count', '--print',
        'main.<locals>.inner:shop.name'
    );
    is_deeply(
        [values_of(@lines)], [qw(ada brian grace corner 3)],
        'once a call: a generator that goes on is none'
    );
    is(
        scalar printed('py', 'with its module', '--print', '__main__.main:1'), 1,
        'the module may be named'
    );
};

# ---- conditions --------------------------------------------------------------------------------

for my $row ([
        'pl', 'perl', 'Shop.pm:15:$user', '$total > 6 && $user ne "grace"', 'lc($user) eq "brian"',
        '$nope->x'
    ],
    [
        'py', 'python', 'shop.py:25:user', 'total > 6 and user != "grace"',
        'user.lower() == "brian"', 'nope.x'
    ],
) {
    my ($suffix, $language, $print, $plain, $copied, $wrong) = @{$row};
    subtest "$language: conditions" => sub {
        for my $condition ($plain, $copied) {
            my @lines = printed($suffix, $condition, '--print', $print, '--print-if', $condition);
            is_deeply([values_of(@lines)], ['brian'], 'when it is true');
        }
        my @lines =
            printed($suffix, 'two', '--print', $print, '--print', $print, '--print-if', $plain);
        is(@lines, 4, 'a condition is for the print before it');
        @lines = printed($suffix, 'one that fails', '--print', $print, '--print-if', $wrong);
        is(scalar(grep {/\] error: /} @lines), 3, 'its error is shown for each hit');
        @lines =
            printed($suffix, 'one that never holds', '--print', $print, '--print-if', '1 == 2');
        is_deeply(
            \@lines,
            ["cc-$language-replay: --print-if 1 == 2: it was never true, of 3 times"],
            'which is said at the end'
        );
    };
}

# ---- plain or not, it is the same --------------------------------------------------------------

my %expressions = (
    pl => [
        '$undef', '$empty', '$zero', '$neg', '$big', '$float', '$text + 1', '$number / 4',
        '$number / 6', '-$neg',
        '$neg % 5', '5 % $neg', '$text . $number', '$text == 10', '$text eq "10"', '$number == 41',
        '$shop', '$ref',
        '$$ref', '$shop->{stock}{tea}[1]', '$shop->{stock}{"a b"}{deep}', '$$shop{name}',
        '@users > 2', '$#users',
        'scalar(@users)', '"@users"', '"@users[0]"', '"$users[-1] $users[0]"', '$users[7]',
        '$currency',
        '$main::currency', '"$main::currency"', '$Shop::tax', '"$Shop::tax x"', '$inner',
        'defined $undef',
        'defined $zero', 'length $text', 'length $undef', 'length($wide)', '$wide', '$bytes',
        '"$text$bytes"',
        '!$zero', '!$number', '$zero || $text', '$undef // "none"', '$zero && 1',
        '$number ? "yes" : "no"',
        '$number <=> 7', '"a" lt "b"', '$float * 3', '1e15 + 0.3', '$float == 0.3', '"$float"',
        '$neg . ""',
        '"\$x \@y \\\\ \t|"', q('it\\'s'), '"${text}s"', '"$shop->{name}->x"',
        '"$shop->{stock}{tea}->[0]"',
        '"$$shop{name}"', '"@{$shop->{stock}{tea}}"', '"${$ref}"', '"time: $number:"',
        '"$currency::"', '$0', '$_',
        '"$number-$text"', '$shop->{nope}', '$shop->{nope}{deeper}', '$number . $undef',
        '$big + 1', '$big . ""',
        '9007199254740993 + 0', '$float + 1000000000000000', '1000000 * 1000000',
        '9223372036854775807',
        '$self_seen + 1', '$shop == $shop', '@ARGV == 0', '$shop->{stock}', '\$number == $ref',
        '$users[$zero]',
        '$users["1"]', '$users[1.5]', '"a" . 1 + 2', '1 . 2', '2 - 1 - 1', '2 - (1 - 1)',
        '"1_000" + 1', '"3 apples" + 1',
        '" 12 " + 1', '"0x10" + 1', '"1e3" + 1', '"" + 1', '0.1 + 0.7', '1/3', '1e100', '-0.0',
        '0 * -1',
        '"$ENV{HOME}" eq "" ? 1 : 2', '$code', '$nope', '$user', '"$user"', '$number++',
        '$INC{"strict.pm"}',
    ],
    py => [
        'big', '-big', 'big * big', 'name', 'repr(name)', 'f"{name!r}"', 'some', 'none',
        'negative % 5',
        'negative // 5', 'negative / 4', '7 / 2', '6 / 2', 'floats', 'texts',
        'f"{texts[3]} {texts[0]!r}"', 'texts[2]',
        'item.price', 'item.rate', 'item.twice', 'item', 'shop.stock', 'shop.stock["tea"]',
        'shop.stock["tea"][-1]',
        'shop.stock[7]', 'shop.stock[7][1]', 'shop.stock[True]', 'len(name)', 'len(shop.stock)',
        'len(floats)', 'len',
        'user', 'f"{user=}"', 'f"{ user = }"', 'f"{user!r:>9}"', 'f"{floats[2]:.2f}"',
        'user == "grace"',
        'total is None', 'None is None', 'item is item', 'user is user', 'not user',
        'user and total', 'none or user',
        '"x" if total else "y"', 'negative < 0', 'negative < 0 < 3', 'user < 3', 'user == 3',
        'None', 'True',
        'True + 1', '-True', 'floats[0] + 1', 'floats[2] * 3', '1 == 1.0', '2 ** 3', 'sys',
        'sys.argv', 'Shop',
        'main', 'shop.name + "!"', 'shop.total', 'shop.nope', 'nope', 'shop.stock["nope"]',
        'floats[99]',
        'floats["x"]', '1 / 0', '1 % 0', '"a" + 1', 'user * 2', '[user, total]', 'print(user)',
        'item.price is 5',
        'floats[8]', 'floats[9]', 'floats[3]', '1000000 * 1000000 * 1000000 * 1000000',
        '9223372036854775807 + 1',
        'f"{{{total}}}"', 'f""', "f'{shop.stock[\"tea\"][1]}'", 'user.upper()', '(user)',
        '(user,)', '{**{}}',
        'shop.stock == shop.stock', 'item == item', 'None == item', '0.1 + 0.7', '1/3', '"tab\\t"',
        '"\\x41"',
    ],
);

# In a copy it is evaluated for sure as this.
my %other = (pl => sub {"do { $_[0]\n }"}, py => sub {"(lambda: None) and ($_[0])"});
my %place = (pl => 'shop.pl:26', py => 'shop.py:46');

for my $suffix (qw(pl py)) {
    subtest "$suffix: what is read from memory is what the language prints" => sub {
        my ($run, $slice) = recorded($suffix);
        my @expressions = @{$expressions{$suffix}};
        my @pairs = map { ($_, $other{$suffix}->($_)) } @expressions;
        my $replay = replay(
            $slice, options => [map { ('--print', "$place{$suffix}:$_") } @pairs],
            timeout => 120
        );
        my @values = values_of(grep {/\A\[\d/} split /\n/, $replay->{stderr});
        is(@values, @pairs, 'each is printed');
        s/\(--print, line \d+\)|at 0x[0-9a-f]+//g for @values;
        is($values[2 * $_], $values[2 * $_ + 1], "it is so of $expressions[$_]")
            for 0 .. $#expressions;
    };
}

# ---- output ------------------------------------------------------------------------------------

subtest 'for machines' => sub {
    my @lines = printed(
        'pl', 'perl', '--json', '--print', 'Shop.pm:14:$total', '--print',
        'Shop.pm:14:[1]->[0] ? uc $user : 0',
        '--print', 'Shop.pm:14:die "no\n"', '--print', 'Shop.pm:14:$self->{last}'
    );
    my @objects = map { decode_json($_) } @lines;
    is_deeply(
        [map { $_->{value} // $_->{error} } @objects[0 .. 3]], [6, 'ADA', 'no', undef],
        'values of their types'
    );
    is_deeply(
        [sort keys %{$objects[0]}], [qw(calls events expression file line value)],
        'what there is of a hit'
    );
    is($objects[0]{line}, 14, 'its line');
    @objects = map { decode_json($_) } printed(
        'py', 'python', '--json', '--print', 'shop.py:46:floats[2]', '--print',
        'shop.py:46:name', '--print', 'shop.py:46:[total][0]', '--print', 'shop.py:46:shop.stock',
        '--print', 'shop.py:46:nope'
    );
    is_deeply(
        [map { $_->{value} // $_->{error} } @objects],
        [
            0.1 + 0.2, "Zo\xeb", 10, q({'tea': [3, 1.25, None], 7: (True, b"q'")}),
            q(NameError: name 'nope' is not defined)
        ],
        'python, too'
    );
};

subtest 'to a file' => sub {
    my $file = scratch('print-to') . '/out';
    is_deeply(
        [printed('pl', 'perl', '--print-to', $file, '--print', 'Shop.pm:14:$user')], [],
        'nothing on stderr'
    );
    is_deeply([values_of(split /\n/, slurp($file))], [qw(ada brian grace)], 'all in the file');
};

# A program that prints JSON, or anything, on its own stderr is no trouble: --json=FILE is apart.
subtest 'for machines, to a file or descriptor of its own' => sub {
    for my $row (['pl', 'perl', 'Shop.pm:14:$user'], ['py', 'python', 'shop.py:46:name']) {
        my ($suffix, $language, $print) = @{$row};
        my ($run, $slice) = recorded($suffix);
        my $dir = scratch('json');
        my $with = replay($slice, options => ["--json=$dir/apart", '--print', $print]);
        same($with, $run, "$language: stdout and stderr are the program's alone");
        my @apart = split /\n/, slurp("$dir/apart");
        ok(@apart && !(grep { !decode_json($_)->{value} } @apart), 'the file has an object a line');
        spew("$dir/longer", 'x' x 10_000);
        replay($slice, options => ['--json', '--print', $print, '--print-to', "$dir/longer"]);
        is(slurp("$dir/longer"), slurp("$dir/apart"), '--json --print-to FILE: likewise');

        for my $host ([], ['--allow-host']) {
            spew("$dir/three", '');
            my $before = slurp($slice);
            my $replay = run(
                {}, 'sh', '-c', 'exec "$@" 3>"$0"', "$dir/three",
                command("cc-$language-replay"),
                @{$host}, '--json=/dev/fd/3', '--print', $print, $slice
            );
            same($replay, $run, join ' ', '/dev/fd/3', @{$host});
            is(slurp("$dir/three"), slurp("$dir/apart"), '... is the one that the user has opened');
            ok(slurp($slice) eq $before, '... and none of ours');
        }
    }
};

subtest 'a hit is a line' => sub {
    is_deeply([
            values_of(
                printed(
                    'pl', 'perl', '--print', 'shop.pl:26:"a\nb\n"', '--print',
                    'shop.pl:26:"\e[1m" . "\t\n" x 2'
                ))
        ],
        ['a\\nb', "\\x1b[1m\t\\n\t"],
        'newlines and controls are shown, the last newline is not'
    );
};

subtest 'what is never reached is said' => sub {
    like(
        (printed('pl', 'perl', '--print', 'Shop.pm:13:$user'))[0],
        qr/\Acc-perl-replay: --print Shop[.]pm:13: it was never reached; nearest lines that run: .*\b12, 14/,
        'lines that are'
    );
    like(
        (printed('py', 'python', '--print', 'shop.py:21:1'))[0],
        qr/nearest lines that run: .*\b19, .*\b23/, 'in python'
    );
    like(
        (printed('pl', 'perl', '--print', 'nobody:$x'))[0],
        qr/--print nobody: it was never called\z/, 'subs'
    );
};

subtest 'what is misspelt is told what there is' => sub {
    like(
        (printed('pl', 'perl', '--print', 'Sohp.pm:14:1'))[0],
        qr{Sohp.pm:14: nothing of such a file was run; did you mean lib/Shop.pm[?]}, 'a file'
    );
    like(
        (printed('pl', 'perl', '--print', 'Shop::totl:$x'))[0],
        qr/Shop::totl: it was never called; did you mean Shop::total[?]/, 'a sub'
    );
    like(
        (printed('py', 'python', '--print', 'shpo.py:19:1'))[0],
        qr{shpo.py:19: nothing of such a file was run; did you mean \S*shop.py[?]},
        'a file of python'
    );
    like(
        (printed('py', 'python', '--print', 'shop.py:19'))[0],
        qr/shop.py: it was never called \(is it a file\? FILE:LINE:EXPRESSION\)/,
        'a line without an expression'
    );
    like(
        (printed('pl', 'perl', '--print', 'Zebra.pm:1:1'))[0],
        qr/Zebra.pm:1: nothing of such a file was run\z/, 'nothing is like it'
    );
};

subtest 'wrong options' => sub {
    my ($run, $slice) = recorded('pl');
    for my $row (
        [['--print', 'x'], qr/--print x: it is not FILE:LINE:EXPRESSION or FUNCTION:EXPRESSION/],
        [['--print', 'x.pl:3:'], qr/there is no expression/],
        [['--print-if', '1'], qr/it belongs behind the --print/],
        [['--print', 'x.pl:1:1', '--print-if', ' '], qr/--print-if: there is no condition/],
        [['--json'], qr/--json: it goes with --print/],
        [['--json=x'], qr/--json=x: it goes with --print/],
        [
            ['--print', 'x.pl:1:1', '--json=x', '--print-to', 'y'],
            qr/--print-to y: --json=x already says where to print: give one of them/
        ],
        [['--print', 'x.pl:1:1', '--json=/'], qr/--json=\/: Is a directory/],
        [['--print', 'x.pl:1:1', "--json=$slice"], qr/that is the slice: name another file/],
        [['--print', 'x.pl:1:1', '--print-to', '/nonexistent/x'], qr/--print-to .*: No such file/],
    ) {
        my $result = replay($slice, options => $row->[0]);
        is($result->{status}, 125, "@{$row->[0]}");
        like($result->{stderr}, $row->[1], 'and why');
    }
};

# ---- errors, and expressions that do not end ---------------------------------------------------

# What was refused is told before the values; the expression gets an error of its own.
sub goes_on {
    my ($row, @lines) = @_;
    my $told = ' was refused';
    is(scalar(grep {/$told/} @lines), $row->[1] =~ /$told/ ? 1 : 0, 'refused once, or not')
        or diag(explain \@lines);
    like($lines[0], $row->[1], 'its error');
    @lines = grep { !/$told/ } @lines;
    like($lines[0], qr/Operation not permitted|\] -1/, 'and the error') if $row->[1] =~ /$told/;
    like($lines[1], qr/\] on\z/, 'and on') or diag(explain \@lines);
    return;
}

subtest 'perl: errors are those of the hit' => sub {
    for my $row (
        ['die "oops"', qr/error: oops at shop[.]pl line 26[.]/],
        ['exit 4', qr/error: it called exit\(4\)/],
        ['kill 9, $$', qr/error: it ended the copy/],
        ['POSIX::_exit(1)', qr/error: /],
        ['exec "true"', qr/error: it ended the copy/, '--allow-host'],
        ['exec("true") ? 1 : "not run: $!"', qr/ was refused/],
        ['1 +', qr/error: syntax error at shop[.]pl line 26/],
        ['next', qr/error: Can't "next" outside a loop block/],
        ['return 5', qr/\] 5\z/],
        ['die {a => 1}', qr/error: HASH\(0x/],
        ['push @big, "x" x 1e6 while 1', qr/error: it took too (?:much memory|long)/],
        ['fork() ? "parent" : sleep 1000', qr/\] parent\z/, '--allow-host'],
        ['defined fork ? 1 : "not forked: $!"', qr/ was refused/],
    ) {
        my @lines = printed(
            'pl', $row->[0], @{$row}[2 .. $#{$row}], '--print', "shop.pl:26:$row->[0]", '--print',
            'shop.pl:26:"on"'
        );
        goes_on($row, @lines);
    }
};

subtest 'python: errors are those of the hit' => sub {
    for my $row (
        ['1 / 0', qr/error: ZeroDivisionError: division by zero/],
        ['sys.exit(4)', qr/error: SystemExit: 4/],
        ['__import__("os")._exit(4)', qr/error: it ended the copy/],
        ['__import__("os").abort()', qr/error: it ended the copy/],
        ['1 +', qr/error: SyntaxError: /],
        ['total = 1', qr/error: SyntaxError: /],
        ['__import__("os").fork() and 1', qr/\] 1\z/, '--allow-host'],
        ['__import__("os").system("echo no; echo no >&1")', qr/\] 0\z/, '--allow-host'],
        ['__import__("os").fork()', qr/ was refused/],
        ['__import__("os").system("echo no")', qr/ was refused/],
        ['open("x", "w")', qr/ was refused/],
        ['__import__("socket").socket()', qr/ was refused/],
    ) {
        my @lines = printed(
            'py', $row->[0], @{$row}[2 .. $#{$row}], '--print', "shop.py:46:$row->[0]", '--print',
            'shop.py:46:"on"'
        );
        goes_on($row, @lines);
    }
};

subtest 'what does not end is ended' => sub {
    my @lines =
        printed('pl', 'a loop', '--print', 'shop.pl:26:1 while 1', '--print', 'shop.pl:26:"on"');
    is_deeply([values_of(@lines)], ['error: it took too long', 'on'], 'after ten seconds');
};

# ---- nothing is disturbed ----------------------------------------------------------------------

my %mutating = (
    perl => [
        '$main::printed++', 'keys %ENV', 'each %INC', 'push @INC, "x"',
        'open my $fh, ">", "/tmp/crosscut-print-$$" and unlink "/tmp/crosscut-print-$$"',
        'fork', 'system "echo disturbed"', '`echo x`', 'rand', 'srand 1', '$! = 5', '$@ = "x"',
        'print STDOUT "disturbed\n"',
        'require Text::Wrap', 'local $_ = 1; /(.)/', '[map { {} } 1 .. 1000]', 'close STDOUT',
        'undef %main::', 'exit 9', 'die',
        'sysseek STDIN, 0, 0', '$0 = "x"', 'sleep 0',
        '$SIG{ALRM} = sub { print "disturbed" }; kill ALRM => $$',
    ],
    python => [
        'globals().clear()', 'print("disturbed")', '__import__("gc").collect()',
        '[object() for i in range(10000)]',
        '__import__("os").fork()', '__import__("os").system("echo disturbed")',
        '__import__("random").random()',
        'open("/dev/null", "w").write("x")', 'exit(9)', '__import__("sys").stdout.close()',
        '__import__("decimal")',
        '__import__("threading").Thread(target=print, args=("disturbed",)).start()',
        'hash(object())', '1 / 0',
    ],
);

# Lines of the program that are reached a few times: the first one, and some more.
sub quiet_lines {
    my ($slice, $file, $count) = @_;
    my $replay =
        replay($slice, options => ['--json', map { ('--print', "$file:$_:1") } 1 .. $count]);
    my %hits;
    /\A\{"calls"/ && $hits{decode_json($_)->{line}}++ for split /^/, $replay->{stderr};
    my @lines = sort { $a <=> $b } grep { $hits{$_} <= 3 } keys %hits;
    return grep {defined} @lines[map { int($_ * $#lines / 4) } 0 .. 4];
}

for my $row (
    [perl => qw(addresses hashorder random files errno modules layers)],
    [python => qw(addresses hashorder collector files randomness modules)],
) {
    my ($language, @programs) = @{$row};
    my $suffix = $language eq 'perl' ? 'pl' : 'py';
    for my $name (grep { chosen($_) } @programs) {
        subtest "$name.$suffix: whatever is evaluated, the run is the same" => sub {
            my ($run, $slice) = live_record($name, [], language => $language);
            my @lines = quiet_lines($slice, "$name.$suffix", 60) or return fail('it has lines');
            my @groups = ([]);
            for my $expression (@{$mutating{$language}}) {
                push @groups, [] if @{$groups[-1]} == 8;
                push @{$groups[-1]}, $expression;
            }
            for my $group (@groups) {
                my @prints = map {
                    my $at = "$name.$suffix:$_";
                    map { ('--print', "$at:$_") } @{$group}
                } @lines;
                for my $host ([], ['--allow-host']) {
                    my $replay = replay(
                        $slice, options => [@{$host}, '--print-to', '/dev/null', @prints],
                        timeout => 120
                    );
                    my $refused = refusals($replay);
                    is($refused, 0, 'nothing is refused') if @{$host};
                    same($replay, $run, join ', ', @{$host}, @{$group});
                }
            }
        };
    }
}

done_testing;
