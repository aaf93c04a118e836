#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Signal handlers in C: of faults, of the interpreter, of extensions. All programs run in one
# machine.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $has_ev = grep { -e "$_/EV.pm" } @INC;
my @runs = (
    ['null', 'a null pointer', 139, qw(python3 crash.py null)],
    ['abort', 'abort()', 134, qw(python3 crash.py abort)],
    ['twice', 'memory that is freed twice', 134, qw(python3 crash.py twice)],
    [
        'asked', '... with a handler in python, which never runs', 134,
        qw(python3 crash.py twice asked)
    ],
    ['divide', 'a division by zero', 136, qw(python3 crash.py divide)],
    ['illegal', 'an illegal instruction', 132, qw(python3 -X dev crash.py illegal plain)],
    ['deep', 'a stack that is too deep', 139, qw(python3 crash.py deep)],
    ['kill', 'a signal that the program sends itself', 135, qw(python3 crash.py kill)],
    ['plain', 'a null pointer, without a handler', 139, qw(python3 crash.py null plain)],
    ['handled', 'a fault that perl handles', 3, qw(perl crash.pl)],
    ['unhandled', 'a fault that perl does not', 139, qw(perl crash.pl plain)],
    [
        'wakeup', 'signal.set_wakeup_fd, on descriptors that are full or closed', 0,
        qw(python3 wakeup.py)
    ],
    ['resize', 'a handler of an extension between two host calls', 0, qw(python3 resize.py)],
    (
        $has_ev
        ? [
            'watchers', 'EV, between two host calls and with calls of its own', 0,
            qw(perl watchers.pl)
            ]
        : ()
    ),
    ['loops', 'signals amidst ops that run subs of the program', 0, qw(perl loops.pl)],
    ['family', 'a parent that is refused', 0, qw(perl family.pl)],
);

my $dir = scratch('signals');
for my $file (glob programs() . '/signals/*') {
    my ($name) = $file =~ m{([^/]+)\z};
    spew("$dir/$name", slurp($file));
}
# Each program's output stands between lines of the shell's; its number is its shell's.
my $script = join '', map {
    "echo '== $_->[0]'; echo '== $_->[0]' >&2\nsh -c 'echo pid \$\$; exec @{$_}[3 .. $#{$_}]'; echo status \$?\n"
} @runs;
spew("$dir/all.sh", $script);
my $out = scratch('out');
my $run = run(
    {dir => $dir, timeout => 250}, command('cc-record'), '-o', "$out/all.vmlog", '--', 'sh',
    'all.sh'
);
is($run->{status}, 0, 'programs with handlers in C run in a machine') or diag($run->{stderr});
mkdir "$out/slices";
my $cut = run({timeout => 250}, command('cc-slice'), '-o', "$out/slices/", "$out/all.vmlog");

my %of;
for my $part (split /^(?===)/m, $run->{stdout}) {
    my ($name, $pid, $stdout, $status) = $part =~ /\A== (\w+)\npid (\d+)\n(.*)status (\d+)\n\z/s
        or next;
    $of{$name} = {pid => $pid, stdout => $stdout, status => $status};
}
for my $part (split /^(?===)/m, $run->{stderr}) {
    my ($name, $stderr) = $part =~ /\A== (\w+)\n(.*)\z/s or next;
    $stderr =~
        s/^(?:Segmentation fault|Aborted|Bus error|Illegal instruction|Floating point exception)\n\z//m;
    $of{$name}{stderr} = $stderr;
}

sub slice_of { my ($name) = @_; return glob "$out/slices/$of{$name}{pid}.2-*log" }

for my $case (grep { $_->[0] ne 'family' } @runs) {
    my ($name, $what, $status) = @{$case};
    is($of{$name}{status}, $status, "$what: status $status in the machine") or next;
    my ($slice) = slice_of($name);
    if (  !$slice
        && $cut->{stderr} =~
        /process $of{$name}{pid}: .*in the middle of an op, which ran code of the same file/) {
        pass("$what: it came amidst the extension's code this time, and is refused");
        next;
    }
    my $again = replay($slice // "no slice of $name.plog");
    is($again->{status}, $status, "$what: so it is in the replay")
        or diag($again->{stderr}, $cut->{stderr});
    is($again->{stdout}, $of{$name}{stdout}, '… with the output');
    is($again->{stderr}, $of{$name}{stderr}, '… and what the handler has written');
}

# The stage watches it from its installation on, which is too late for what QEMU has translated by
# then.
subtest 'a handler of an extension that ran before in a process that is not sliced' => sub {
    my $twice = vm_record(
        'twice', ['sh', '-c', 'for run in 1 2; do python3 resize.py & wait; done'],
        files => {'resize.py' => slurp(programs() . '/signals/resize.py')});
    my @pids = run({}, command('cc-slice'), '--list', $twice->{log})->{stdout} =~
        /^ *(\d+) .* python3 resize[.]py$/mg;
    my $later = run(
        {timeout => 250}, command('cc-slice'), '--pid', $pids[-1], '-o', "$out/later.pylog",
        $twice->{log});
    succeeds($later, 'the later process alone is sliced') or return;
    like(
        run({}, command('cc-log'), 'stat', '--json', "$out/later.pylog")->{stdout},
        qr/"signal":\{"count":8,/, 'its handler is told of each time'
    );
    is(replay("$out/later.pylog")->{stdout} x 2, $twice->{stdout}, 'the replay is the same');
};

subtest 'a parent that is refused' => sub {
    my $parent = $of{family}{pid};
    my ($first, $second) = grep { !/\b\Q$parent\E-/ } glob "$out/slices/*family.pl.plog";
    like(
        $cut->{stderr}, qr/process $parent: family\.pl:\d+: signal 14 was handled at once/,
        'it is told'
    );
    ok($first && !$second, 'the child that it had made before has its slice') or return;
    like(replay($first)->{stdout}, qr/^first child of a parent$/m, 'and is replayed');
    like(
        $cut->{stderr},
        qr/: it began as a copy of process $parent, which had already done what cannot be sliced: family\.pl/,
        'the other one is told of'
    );
};

like(
    $of{null}{stderr}, qr/\AFatal Python error: Segmentation fault\n.*line \d+ in walk$/ms,
    'faulthandler was at work'
);
done_testing;
