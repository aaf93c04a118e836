#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Going back in perl's debugger, and that nothing done in it changes the run.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Basename qw(dirname);
use File::Copy qw(copy);
use JSON::PP qw(decode_json encode_json);
use List::Util qw(shuffle);
use Test::More;
use Time::HiRes qw(sleep);

my $from = programs() . '/debugger';
my $quiet = {TERM => 'dumb', PERL_RL => ' o=0', HOME => '/nonexistent'};

sub record {
    my ($program) = @_;
    my $work = scratch($program);
    copy("$from/$program.pl", "$work/$program.pl") or die "$program: $!";
    my $run = record_natively("$work/slice.plog", {dir => $work}, "$program.pl");
    return ("$work/slice.plog", $run);
}

# In a machine: a run without one has no signals to record.
sub record_walk {
    my $recorded = vm_record(
        'walk', ['perl', 'walk.pl'],
        prepare => sub { copy("$from/walk.pl", "$_[0]/walk.pl") });
    my $slice = scratch('walk') . '/slice.plog';
    run({timeout => 200}, command('cc-slice'), '-o', $slice, $recorded->{log});
    return {slice => $slice, status => $recorded->{status}};
}

sub debug {
    my ($slice, @commands) = @_;
    return debug_with([], $slice, @commands);
}

sub debug_with {
    my ($options, $slice, @commands) = @_;
    return run({
            dir => scratch('debug'), stdin => join('', map {"$_\n"} @commands), env => $quiet,
            timeout => 120
        },
        command('cc-perl-replay'),
        @{$options},
        '-d',
        $slice
    );
}

# What the debugger has said to each command, the banner first.
sub answers {
    my ($run) = @_;
    my (undef, @answers) = split /  DB<+\d+>+ /, $run->{stderr};
    return @answers;
}

my ($shop) = record('shop');
my ($slice, $run) = record('exposed');

# ---- the commands that go back ----

# Each command with what the debugger says to it, and what that shows.
my @dialogues = ([
        ['b Shop::add'], ['c'], ['c'], ['s'], ['s'],
        ['rn', qr/shop\.pl:13/, 'rn goes back over statements'],
        ['rr', qr/main::\(shop\.pl:32\)/, 'rr goes back to the call'],
        ['rc', qr/Shop::add\(shop\.pl:12\)/, 'rc goes back to a breakpoint'],
        ['p $name'],
        ['R', qr/main::\(shop\.pl:27\)/, 'R goes to the beginning'],
        ['rs', qr/main::\(shop\.pl:27\)/, 'and nothing is before it'],
    ],
    [
        ['c 48'], ['rn'], ['rn'], ['when'],
        ['wl $shop->{items}[1]', qr/Shop::add\(shop\.pl:14\)/, 'wl finds the statement'],
        ['p scalar @{$self->{items}}', qr/\A1\n\z/, 'before which there was one'],
        ['n'],
        ['p scalar @{$self->{items}}', qr/\A2\n\z/, 'and behind it two'],
    ],
    [
        ['c Shop::total'], ['c 24'], ['wl $sum'],
        ['p $sum', qr/\A9\n\z/, 'wl finds the last write of a sum'],
        ['wl $sum'],
        ['p $sum', qr/\A4\n\z/, 'and the one before it'],
        ['wl @_'],
    ],
);

sub talk {
    my ($dialogue) = @_;
    return sub {
        return [answers(debug($shop, (map { $_->[0] } @{$dialogue}), 'q'))];
    };
}

my $steps = 14;
my $look = 'p join ",", map { defined ? $_ : "-" } eval { @$self{items} }, scalar @_';
my $forth = [(['when'], [$look], ['s']) x $steps, ['when']];
my $back = [(['s']) x $steps, (['when'], [$look], ['rs']) x $steps, ['when']];
my ($walk, $there, $and_back, @said) =
    at_once(3, \&record_walk, map { talk($_) } $forth, $back, @dialogues);
my @moments = grep {/\A\d+\.\d+\n/} @{$there};
is(scalar @moments, $steps + 1, 'each step has a moment');
is_deeply(
    [reverse grep {/\A\d+\.\d+\n/} @{$and_back}], \@moments,
    'rs goes back through the same moments'
);
for my $dialogue (@dialogues) {
    my $answers = shift @said;
    for my $turn (@{$dialogue}) {
        my (undef, $wanted, $title) = @{$turn};
        my $answer = shift @{$answers};
        like($answer, $wanted, $title) if $wanted;
    }
}

my $walked = $walk->{status};
$walk = $walk->{slice};

# ---- to and fro ----

# What the session engine says to commands; each is a line.
sub session {
    my ($of, @commands) = @_;
    my $said = run(
        {dir => scratch('session'), stdin => join('', map {"$_\n"} @commands), timeout => 120},
        test_tool('session'), replay_object('perl'), 'plog', $of
    );
    my (undef, @answers) = map { decode_json($_) } split /\n/, $said->{stdout};
    return @answers;
}

sub at { my ($stop) = @_; return join '.', @{$stop->{at}} }

sub break_at {
    my ($line, $condition) = @_;
    return 'run '
        . encode_json({breaks => [{file => 'walk.pl', line => $line, condition => $condition}]});
}

sub states {
    my (@answers) = @_;
    my @states;
    while (my ($stop, $variables, $stack) = splice @answers, 0, 3) {
        push @states,
            [at($stop), JSON::PP->new->canonical->encode([$variables, $stack, $stop->{place}])];
    }
    return @states;
}

my @state = ('ask variables', 'ask stack');
my ($in, $over, $out) = map { encode_json({step => $_}) } qw(in over out);
my %forward;    # by moment
my @straight = at_once(
    3,
    map {
        my $i = $_;
        sub {
            return [
                states(
                    session(
                        $walk, break_at(22, "\$i == $i"), @state,
                        map { ("run $in", @state) } 1 .. 40
                    ))];
        }
    } 9,
    59,
    118
);
$forward{$_->[0]} = $_->[1] for map { @{$_} } @straight;
cmp_ok(scalar keys %forward, '>=', 123, 'a walk forward shows states');
srand 4;
my @random = at_once(
    3,
    map {
        my @starts = map { $_->[0] } shuffle(@{$_});
        my @moves = map {
            (rand) < .3
                ? "go $starts[$_]"
                : ("run $in", "back $in", "run $over", "back $over", "back $out")[rand 5]
        } 1 .. 40;
        sub {
            return [states(session($walk, "go $starts[0]", @state, map { ($_, @state) } @moves))];
        }
    } @straight
);
my %later;    # of moments that the straight walks did not come to
my ($compared, @wrong) = (0);
for my $state (map { @{$_} } @random) {
    my $should = $forward{$state->[0]} // ($later{$state->[0]} //= $state->[1]);
    $compared++ if $forward{$state->[0]};
    push @wrong, $state->[0] if $state->[1] ne $should;
}
is_deeply(\@wrong, [], 'the state at a moment is the same, however it was reached');
cmp_ok($compared, '>', 60, 'of which many were seen before');

# ---- last writes ----

my @watched = ('$level', '$list[0]', '$count{died}', 'scalar(@trail)', '$last->{i}');
my $all = 'ask evaluate ' . encode_json({expression => join ', ', @watched});
my @pass = session($walk, break_at(22, '$i == 28'), $all, map { ("run $in", $all) } 1 .. 250);
my @trail = map { {at => at($pass[2 * $_]), values => $pass[2 * $_ + 1]{values}} } 0 .. 250;

sub true_writes {
    my ($which) = @_;
    my @found =
        grep { ($trail[$_]{values}[$which] // '') ne ($trail[$_ + 1]{values}[$which] // '') }
        0 .. 249;
    return [map { $trail[$_]{at} } (reverse @found)[0 .. ($#found < 2 ? $#found : 2)]];
}

my @true = map { true_writes($_) } 0 .. $#watched;
my @found = at_once(
    3,
    map {
        my ($expression, $writes) = ($watched[$_], $true[$_]);
        my $rule = encode_json({back => 'change', expression => $expression, anywhere => 1});
        sub {
            my (undef, @stops) = session($walk, "go $trail[250]{at}", ("back $rule") x @{$writes});
            return [map { at($_) } @stops];
        }
    } 0 .. $#watched
);
for my $i (0 .. $#watched) {
    ok(@{$true[$i]}, "$watched[$i] is written");
    is_deeply($found[$i], $true[$i], 'its last writes are found');
}

# ---- nothing is disturbed ----

my @disturbing = (
    'x \%h', 'keys %h', 'each %h', '$n = 1000', 'undef %h', 'delete @h{keys %h}',
    'x [map {rand} 1 .. 5]', 'srand 1',
    'use Data::Dumper; p Dumper(\%h)', '$! = 13',
    'open my $f, ">", "written"; print {$f} "x"; close $f', 'scalar <$in>',
    'seek $in, 0, 0', 'close $in', 'system "echo from a child >&2"',
    'my $pid = fork; exit 0 if !$pid; waitpid $pid, 0',
    'local $| = 0; print "kept"', 'undef $object', '@ARGV = %ENV = %INC = ()',
    '$SIG{__DIE__} = sub { exit 9 }',
    'die "oh"', 'sub Thing::DESTROY { print "never" }', '$0 = "x"', 'chdir "/"',
    'eval "sub new { }"', 'V', 'S',
);
my %ends = (
    'everything that a program can do' => \@disturbing,
    'exits' => ['exit 7', 'require POSIX; POSIX::_exit(1)'],
    'its end by a signal' => ['kill KILL => $$'],
    'an exception' => ['die {}'],
);
my @ends = sort keys %ends;
my @ended = at_once(
    4,
    map {
        my $what = $_;
        sub {
            return debug_with(
                ['--allow-host'],
                $slice, 's', 's', 'c 13', @{$ends{$what}}, 'p 1', 'c 18', 'c', 'q'
            );
        }
    } @ends
);
for my $i (0 .. $#ends) {
    like(
        $ended[$i]{stderr}, qr/Debugged program terminated/,
        "after $ends[$i] the program is run to its end"
    );
    is(last_lines($ended[$i]{stdout}), last_lines($run->{stdout}), 'and prints what it printed');
}
is(replay($slice)->{status}, 3, 'with the status that it had');

# What would reach this machine is refused, and told once; the session goes on.
my $kept = debug(
    $slice, 's', 's', 'c 13',
    'open my $f, ">", "written"; print {$DB::OUT} "written: $!\n"',
    'system "echo from a child >&2"', 'system "true"',
    'my $pid = fork; print {$DB::OUT} "forked: $!\n"',
    'require Socket; socket my $s, 2, 1, 0; print {$DB::OUT} "socket: $!\n"',
    'use Data::Dumper; $Data::Dumper::Indent = 0; print {$DB::OUT} Dumper([1]), "\n"', 'c 18', 'c',
    'q'
);
my @refused = refusals($kept);
is_deeply(
    [sort @refused], ['a further process', 'socket', 'writing written'],
    'each refusal is told once'
);
my $denied = 'Operation not permitted';
like($kept->{stderr}, qr/^(?:.*> )?$_: $denied$/m, "$_: refused") for qw(written forked socket);
unlike($kept->{stderr}, qr/from a child/, 'no program runs');
like($kept->{stderr}, qr/> \$VAR1 = \[1\];$/m, 'modules are there');
like($kept->{stderr}, qr/Debugged program terminated/, 'the session goes on to the end');

sub last_lines { my ($text) = @_; return join '', (split /^/, $text)[-6 .. -1] }

# ---- a session survives ----

my @ended_by =
    answers(debug($walk, 'exit', 'exit 3', 'kill 11, $$', 'exit', 'c', 'rs', 'p $last->{i}', 'q'));
is($walked, 137, 'a program ends by a signal');
is($ended_by[-1], "120\n", 'one can go back from there, and copies that have ended end nothing')
    or diag(explain(\@ended_by));

# A slice is read in pieces: it is long, so that some are left.
my $cut = scratch('cut') . '/slice.plog';
spew(
    dirname($cut) . '/long.pl',
    '$| = 1; for my $i (1 .. 30000) { my $x = (stat "/")[9]; print STDERR "$i $x ", rand, "\n" }'
);
record_natively($cut, {dir => dirname($cut)}, 'long.pl');
spew($cut, substr slurp($cut), 0, .9 * -s $cut);
my $said = debug($cut, 'c', 'when', 'rs', 'p "at $0"', 'c', 'q')->{stderr};
like(
    $said, qr/cc-perl-replay: .*\d\.\d.*at long\.pl/s,
    'a slice that was cut short is usable up to there'
) or diag($said);

# What loops is ended by ^C; the session goes on.
{
    my $dir = scratch('loop');
    pipe my $commands, my $typed or die;
    $typed->autoflush(1);
    my $pid = fork // die;
    if (!$pid) {
        open STDIN, '<&', $commands or die;
        open $_->[0], '>', "$dir/$_->[1]" or die for [\*STDOUT, 'stdout'], [\*STDERR, 'stderr'];
        close $typed;
        @ENV{keys %{$quiet}} = values %{$quiet};
        exec command('cc-perl-replay'), '-d', $shop or die;
    }
    print {$typed} "s\nprint STDERR qq(looping\\n); 1 while 1\n";
    for (1 .. 300) { sleep .1; last if -e "$dir/stderr" && slurp("$dir/stderr") =~ /looping/ }
    kill INT => $pid;
    print {$typed} "p 6 * 7\nq\n";
    close $typed;
    my $ended = 0;
    for (1 .. 300) { last if $ended = waitpid($pid, 1) > 0; sleep .1 }
    kill KILL => $pid if !$ended;
    like(slurp("$dir/stderr"), qr/interrupted.*42\n/s, 'an expression that loops is ended by ^C')
        or diag(slurp("$dir/stderr"));
}

done_testing;
