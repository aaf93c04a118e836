#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A recording is foreign, too: QEMU and unsquashfs, should it take them over, reach nothing but its members.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Errno qw(EINVAL ENOSYS);
use File::Copy qw(copy);
use File::Path qw(make_path);
use IO::Socket::INET;
use Test::More;

my $dir = scratch('machine');
my ($canary, $secret) = ("$dir/canary", "$dir/secret");
my $run = vm_record('machine', ['perl', '-e', 'print "here\n"']);
is($run->{status}, 0, 'a program is recorded') or BAIL_OUT($run->{stderr});

# The command as it is, with another plugin beside it than the stage's.
sub build_from {
    my ($to, @options) = @_;
    my $made =
        run({}, qw(cc -w -o), $to, programs() . '/hostile/machine.c', @options);
    die $made->{stderr} if !-e $to;
    return $to;
}
make_path("$dir/bin", "$dir/lib", "$dir/instead");
copy(command('cc-slice'), "$dir/bin/cc-slice") or die "cc-slice: $!";
chmod 0755, "$dir/bin/cc-slice";
build_from("$dir/lib/cc-stage.so", '-shared', '-fPIC');
my $program = build_from("$dir/instead/unsquashfs", '-DPROGRAM');

my $listening = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "listen: $@";
my $victim = fork // die "fork: $!";
exec 'sleep', 900 if !$victim;
my %env = (
    CROSSCUT_WATCHDOG => 2,
    SECRET => $secret, CANARY => $canary, VICTIM => $victim, PORT => $listening->sockport
);

sub untouched {
    my ($what) = @_;
    ok(!-e $canary, "$what: nothing was made") or unlink $canary;
    is(-e $secret ? slurp($secret) : 'gone', "the secret\n", "$what: what was there is as it was");
    ok(kill(0, $victim), "$what: the process is there");
    return;
}

sub try_it {
    my ($with, @command) = @_;
    spew($secret, "the secret\n");
    unlink $canary;
    return run({env => {%env, %{$with}}, timeout => 120}, @command);
}

sub slice {
    my (%with) = @_;
    return try_it({CC_DEBUG => 1, %with}, "$dir/bin/cc-slice", $run->{log}, '-o', "$dir/made.plog");
}

# Where nothing holds them, they succeed: the test is one.
my $source = slurp(programs() . '/hostile/machine.c');
my %possible = $source =~ /^\t\{"([^"]+)", \w+, ([01])\}/mg;
my @alone = ('execute a program', 'fork', 'clone', 'become another user', 'have a namespace');
my $free = try_it({}, $program);
my %did = $free->{stderr} =~ /^(.*): (.*)$/mg;
for my $name (sort grep { $possible{$_} } keys %possible) {
    next if grep { $_ eq $name } @alone;
    is($did{$name}, 'done', "$name: anybody can");
}
for my $name (grep { $possible{$_} } @alone) {
    try_it({ATTACK => $name}, $program);
    ok(-e $canary, "$name: anybody can");
}

# In QEMU none does.
my $held = slice();
my %held = $held->{stderr} =~ /^(.*): (.*)$/mg;
untouched('QEMU');
for my $name (sort keys %possible) {
    next if grep { $_ eq $name } @alone;
    isnt($held{$name} // 'done', 'done', "$name: QEMU cannot");
}
is($held{'attempts that succeeded'}, 0, 'none of them did') or diag($held->{stderr});
for my $name (@alone) {
    my $ended = slice(ATTACK => $name);
    like(
        $ended->{stderr},
        qr/attempts that succeeded: 0$|QEMU (?:makes no progress|died of signal 31)/m,
        "$name: QEMU cannot"
    );
    is($ended->{status}, 125, '... and there is no slice');
    untouched($name);
}
ok(!-e "$dir/made.plog", 'no slice was made');

# Nor in unsquashfs.
my $unsquashed = try_it(
    {PATH => "$dir/instead:$ENV{PATH}"}, command('cc-slice'), $run->{log}, '-o',
    "$dir/made.plog"
);
like(
    $unsquashed->{stderr}, qr/\Acc-slice: unsquashfs failed: attempts that succeeded: 0\n\z/,
    'unsquashfs cannot either'
);
untouched('unsquashfs');
for my $name (@alone) {
    my $ended = try_it(
        {PATH => "$dir/instead:$ENV{PATH}", ATTACK => $name}, command('cc-slice'),
        $run->{log}, '-o', "$dir/made.plog"
    );
    # What it executes is held as it is itself: sh cannot write the file.
    like(
        $ended->{stderr}, qr/unsquashfs failed: (?:attempts that succeeded: 0|sh: .*denied)$/m,
        "$name: unsquashfs cannot"
    );
    untouched($name);
}

# Where the kernel lacks Landlock it goes on; not without system calls' filters.
my $without = test_tool('without');
my @slice = (command('cc-slice'), $run->{log}, '-o', "$dir/honest.plog");
succeeds(
    run({timeout => 120}, $without, 'landlock', ENOSYS, @slice),
    'without Landlock, slices are made'
);
is(replay("$dir/honest.plog")->{stdout}, "here\n", '... and replayed');
my $refused = run({timeout => 120}, $without, 'seccomp', EINVAL, @slice);
is($refused->{status}, 125, 'without seccomp, none is');
like(
    $refused->{stderr}, qr/\A[^\n]*does not let a program be confined[^\n]*\n\z/,
    '... in one line'
);
# What does not name a path holds there, too.
my $open =
    try_it({CC_DEBUG => 1}, $without, 'landlock', ENOSYS, "$dir/bin/cc-slice", @slice[1 .. 3]);
my @did = sort map {/^(.*): done$/m} split /^/, $open->{stderr};
is_deeply(
    \@did,
    [
        'make a file', 'move a file', 'read a file', 'read of a process', 'remove a file',
        'write to a file'
    ],
    'without Landlock, QEMU has files, and nothing else'
) or diag($open->{stderr});

# What it says of its slices is looked at.
my %reports = (
    'a file elsewhere' => qq({"file": "$secret", "name": "x", "runtime": "perl"}),
    'a file above' => '{"file": "%.*s/../../secret", "name": "x", "runtime": "perl"}',
    'a file that is none' => '{"file": "%.*s/nothing", "name": "x", "runtime": "perl"}',
    'a name elsewhere' => '{"file": "%.*s/index", "name": "../../canary", "runtime": "perl"}',
    'a name that a terminal obeys' =>
        '{"file": "%.*s/index", "name": "\u001b]0;", "runtime": "perl"}',
    'no runtime' => '{"file": "%.*s/index", "name": "x"}',
);
for my $what (sort keys %reports) {
    my $output = scratch('output');
    my $said = try_it(
        {REPORT => qq({"images": [$reports{$what}], "processes": []})},
        "$dir/bin/cc-slice", $run->{log}, '-o', "$output/"
    );
    is($said->{status}, 125, "$what: refused");
    like($said->{stderr}, qr/\Acc-slice: the stage's report is none[^\n]*\n\z/, '... in one line');
    untouched($what);
}

kill KILL => $victim;
waitpid $victim, 0;
done_testing;
