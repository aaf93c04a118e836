#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What is evaluated in a copy of a past run - prints, conditions, what is typed at a debugger -
# finds the run's process, and reaches nobody else's.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use POSIX qw(WNOHANG);
use Test::More;

my $run = vm_record(
    'who',
    ['sh', '-c', 'python3 who.py; perl who.pl'],
    files => {map { ($_ => slurp(programs() . "/copies/$_")) } qw(who.py who.pl)});
succeeds($run, 'two programs that say who they are are recorded');
my @processes = sort { $a->{pid} <=> $b->{pid} } vm_slices($run->{log});
my ($python, $python_child) = grep { $_->{slice} =~ /who[.]py/ } @processes;
my ($perl, $perl_child) = grep { $_->{slice} =~ /who[.]pl/ } @processes;

# What prints say: the values, by the order of hits; @refused is what they were refused.
our @host;
my @refused;

sub printed {
    my ($process, @prints) = @_;
    my $replay = replay($process->{slice}, options => [@host, map { ('--print', $_) } @prints]);
    is($replay->{status}, 0, 'the replay ends as the run did') or diag($replay->{stderr});
    @refused = refusals($replay);
    return map {s/\A\[\S+ \S+\] //r} split /\n/, $replay->{stderr};
}

# ---- who it is ---------------------------------------------------------------------------------

# Each process told it itself: a copy at the same point says the same.
sub says_the_same {
    my ($process, $print, $name) = @_;
    my @told = split /\n/, replay($process->{slice})->{stdout};
    my @in_copies = printed($process, $print);
    splice @in_copies, 0, @in_copies - @told;
    return is_deeply(\@in_copies, \@told, $name);
}

says_the_same(
    $python, 'tell:who()',
    'python: ids, groups, directory, host, limits are the run\'s, as they change'
);
says_the_same($python_child, 'tell:who()', 'python: of a forked child they are the child\'s');
says_the_same($perl, 'tell_of:who()', 'perl: likewise');
says_the_same($perl_child, 'tell_of:who()', 'perl: of a forked child, too');

my $pid = $python->{pid};
my $c = '__import__("ctypes").CDLL("libc.so.6")';
my @asked = printed(
    $python, "tell:($c.getpid(), $c.syscall(39), $c.syscall(186))",
    'tell:oct(os.umask(0))', 'tell:(time.time() - begin[0], time.monotonic() - begin[1])'
);
is($asked[0], "($pid, $pid, $pid)", 'whoever asks: the C library itself, or syscall(2)');
is($asked[4], '0o77', 'the mask of new files is the run\'s');
my $room = <<'END' =~ s/\n\s*//gr;
(lambda t, c: [c.malloc_usable_size(t.c_void_p(block)) >= size for size in (1, 100, 5000)
 for block in [t.CFUNCTYPE(t.c_void_p, t.c_size_t)(("malloc", c))(size)]])
(__import__("ctypes"), __import__("ctypes").CDLL(None))
END
my @rooms = printed($python, "tell:$room");
is($rooms[-1], '[True, True, True]', 'how much room a block has that a copy allocates');

# ---- clocks ------------------------------------------------------------------------------------

my @clocks = map { /\(([\d.]+), ([\d.]+)\)/ ? [$1, $2] : [] } @asked[2, 5, 8];
for my $which (0, 1) {
    my ($first, $second, $third) = map { $_->[$which] // -1 } @clocks;
    ok(0 <= $first && $first < 2, "clock $which: it begins where the run has come to");
    ok(3 <= $third && $third < 20, "clock $which: and has come on with the run")
        or diag("$first $second $third");
}
my @times = printed($perl, 'tell_of:time - $main::begin');
ok(@times == 3 && $times[0] < 2 && $times[1] >= 3 && $times[1] < 20, 'perl\'s time too')
    or diag("@times");

# ---- processes and signals ---------------------------------------------------------------------

# Somebody of this machine, in a group of their own.
my $victim = fork // die "fork: $!";
if (!$victim) {
    setpgrp;
    exec qw(sleep 300) or POSIX::_exit(1);
}

sub spares {
    my ($process, $where, @ways) = @_;
    my @said = printed($process, map {"$where:$_->[0]"} @ways);
    like($said[$_], $ways[$_][1], "$ways[$_][0]: refused") for 0 .. $#ways;
    return ok(!waitpid($victim, WNOHANG), 'whoever has that number here is not reached');
}

my $gone = qr/ProcessLookupError/;
spares(
    $python,
    'tell',
    ["os.kill($victim, 9)", $gone],
    ["os.kill(-$victim, 9)", $gone],
    ["os.killpg($victim, 9)", $gone],
    ['os.kill(-1, 9)', $gone],
    ["os.pidfd_open($victim)", $gone],
    ["os.setpriority(0, $victim, 5)", $gone],
    ["$c.syscall(62, $victim, 9)", qr/\A-1\z/],
    ["$c.syscall(200, $victim, 9)", qr/\A-1\z/],
    ["$c.tgkill($victim, $victim, 9)", qr/\A-1\z/],
    ["$c.sigqueue($victim, 9, 0)", qr/\A-1\z/],
    ["os.waitpid($victim, 0)", qr/ChildProcessError/]);
spares($perl, 'tell_of', ["0 + kill 9, $victim", qr/\A0\z/], ["waitpid $victim, 0", qr/\A-1\z/]);
spares($python, 'tell', ["os.system('kill -9 $victim')", qr/\A-1\z/]);
is_deeply(
    \@refused, ['a further process'],
    'a copy that is kept from this machine runs no program'
);
SKIP: {
    my $abi = syscall 444, 0, 0, 1;    # landlock_create_ruleset: which version there is
    skip 'this kernel cannot keep signals inside of what a copy starts: Linux 6.12 can', 3
        if $abi < 6;
    local @host = ('--allow-host');
    spares($python, 'tell', ["os.system('kill -9 $victim')", qr/\A[1-9]/]);
}
kill 9, $victim;
waitpid $victim, 0;

my $ended = 'error: it ended the copy of the program in which it was evaluated';
my @forked = printed(
    $python, 'tell:os.kill(os.getpid(), 9)', 'tell:os.fork()',
    'tell:__import__("subprocess").run(["true"])'
);
my $denied = 'error: PermissionError: [Errno 1] Operation not permitted';
is_deeply([@forked[0 .. 2]], [$ended, $denied, $denied], 'a copy that is kept from it is alone');
is_deeply(\@refused, ['a further process'], 'which is told once');
@host = ('--allow-host');
@forked = printed(
    $python,
    'tell:os.kill(os.getpid(), 9)',
    'tell:[(p, s) for p in [os.fork() or os._exit(3)] for s in [os.waitpid(p, 0)]]',
    'tell:__import__("subprocess").run(["sh", "-c", "exit 4"]).returncode'
);
is($forked[0], $ended, 'a copy can end itself');
like(
    $forked[1],
    qr/\A\[\((\d{7,}), \(\g1, 768\)\)\]\z/,
    'what a copy forks is real, under a number that the run had not'
);
is($forked[2], 4, 'and so is what it starts');
@forked = printed($perl, 'tell_of:kill 9, $$', 'tell_of:system(q(sh -c "exit 5")) >> 8');
is_deeply([@forked[0, 1]], [$ended, 5], 'perl\'s, too');
is_deeply(\@refused, [], 'with --allow-host nothing is refused');
@host = ();

# ---- debuggers ---------------------------------------------------------------------------------

sub debugged {
    my ($process, $option, @commands) = @_;
    my $said =
        replay($process->{slice}, options => [$option], stdin => join '', map {"$_\n"} @commands);
    return $said->{stdout} . $said->{stderr};
}

my @pdb = (
    'b tell', 'c',
    'p "pid", os.getpid(), os.getppid()',
    'os.kill(os.getpid(), 9)',
    'p "still", os.getpid()', 'q'
);
my $said = debugged($python, '--pdb', @pdb);
like($said, qr/\('pid', $pid, $python->{parent}\)/, 'pdb: the run\'s number');
like(
    $said,
    qr/the copy of the program has ended.*\('still', $pid\)/s,
    'pdb: the session survives its copy'
);
$said = debugged(
    $perl, '-d', 'b tell_of', 'c', 'print "pid $$ $<\n"',
    'kill 9, $$', 'print "still $$\n"', 'q'
);
like($said, qr/^pid $perl->{pid} 0$/m, 'perl -d: the run\'s number');
like($said, qr/^still $perl->{pid}$/m, 'perl -d: the session survives its copy');

done_testing;
