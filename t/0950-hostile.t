#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A slice is foreign code: what opening one must not do, tried as an attacker would.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Digest::SHA qw(sha256_hex);
use Test::More;

my $dir = scratch('hostile');
my ($canary, $secret) = ("$dir/canary", spew("$dir/secret", "the secret\n"));
my $sources = programs() . '/hostile';
my $tamper = test_tool('tamper-plog');
my $size = 65536;

sub build_object {
    my ($to, $from, @options) = @_;
    my %texts = (CANARY => $canary, SECRET => $secret);
    my $made = run(
        {}, qw(cc -shared -fPIC -w -o), $to, "$sources/$from.c",
        '-Wl,--build-id=0xc0ffee00c0ffee00c0ffee00c0ffee00c0ffee00', @options,
        map {"-D$_=\"$texts{$_}\""} sort keys %texts
    );
    die $made->{stderr} if !-e $to;
    truncate $to, $size or die "$to: $!";    # another one takes its place, byte by byte
    return $to;
}

sub basename_of { my ($path) = @_; return $path =~ s{.*/}{}r }

sub untouched {
    my ($what) = @_;
    ok(!-e $canary, "$what: nothing was written") or unlink $canary;
    is(slurp($secret), "the secret\n", "$what: what was there is as it was");
    return;
}

# 1. The run's environment does not steer a replay, and is the program's as it was.
my %planted = (
    RECORD => "$dir/stolen.log",
    REPLAY => "$dir/other.plog",
    HOOKS => build_object("$dir/planted.so", 'planted'),
    PRINT => '{"to":"' . $canary . '","prints":[{"file":"p","line":1,"text":"1"}]}',
    ANALYSIS => "trace=$dir/planted.py\nhook=$dir/planted.pl",
    SESSION => 0,
    SHOW => 1,
    AHEAD => 1,
    TOOL => 'nobody'
);
spew("$dir/planted.py", "open('$canary', 'w')\n");
spew("$dir/planted.pl", "open my \$f, '>', '$canary';\n");
my %programs = (
    'module.py' => <<'END',
import ctypes
print('the module says', ctypes.CDLL('./module.so').work())
END
    'environment.pl' =>
        'print map {"$_=$ENV{$_}\n"} sort grep {/^CC_PRELOAD/} keys %ENV; print "!\n"',
    'environment.py' => 'import os; print(*sorted(os.environ.items()), sep="\n")'
);
my $env = join ' ', map {"CC_PRELOAD_$_='$planted{$_}'"} sort keys %planted;
my $run = vm_record(
    'hostile',
    [
        'sh', '-c',
        "python3 module.py; echo; env $env perl environment.pl; echo; env $env python3 environment.py"
    ],
    files => \%programs,
    prepare => sub { build_object("$_[0]/module.so", 'module') });
is($run->{status}, 0, 'programs are recorded') or diag($run->{stderr});
my ($module, $perl, $python) = grep { $_->{slice} } vm_slices($run->{log});
my @recorded = split /^\n/m, $run->{stdout};
unlink $canary;

sub prints {
    my ($process, $expected, $title) = @_;
    my $replayed = replay($process->{slice});
    is($replayed->{stdout}, $expected, "$title: its replay prints the same")
        or diag($replayed->{stderr});
    is($replayed->{stderr}, '', "$title: nothing else");
    untouched($title);
    return;
}
like($recorded[1], qr/^CC_PRELOAD_HOOKS=/m, 'the environment was hostile');
prints($perl, $recorded[1], 'environment, perl');
prints($python, $recorded[2], 'environment, python');
ok(!-e "$dir/stolen.log", 'nothing was recorded');
prints($module, $recorded[0], 'an honest module');

sub forged {
    my ($slice, $how, $what, @options) = @_;
    my ($kind) = $slice =~ /\.(plog|pylog)\z/;
    my $forged = "$dir/forged.$kind";
    my $made = run({}, $tamper, $slice, $forged, $how, $what);
    die $made->{stderr} if $made->{status} ne '0';
    return replay($forged, env => {CANARY => $canary}, options => \@options);
}

sub one_line {
    my ($replayed, $message, $title) = @_;
    is($replayed->{status}, 125, "$title: status 125") or diag($replayed->{stdout});
    like($replayed->{stderr}, qr/\Acc-\w+-replay: [^\n]*$message[^\n]*\n\z/, "$title: one line");
    return;
}

# 2. Other programs that a slice may name for its interpreter.
sub build_id {
    my ($file) = @_;
    my ($id) = run({}, 'readelf', '-n', $file)->{stdout} =~ /Build ID: (\w+)/;
    return $id // '';
}
for my $program ('/sbin/ldconfig', '/usr/bin/newgrp', command('cc-perl-replay'), '/usr/bin/env') {
    one_line(forged($perl->{slice}, program => $program), 'which build', "$program, no build");
    my $id = build_id($program) or next;
    one_line(
        forged($perl->{slice}, program => "$program:$id"),
        'for its interpreter, which is none', $program
    );
}

# 3, 4. Code in the place of a module's.
my $object = replay_object('python');
my %at = map { /^(\w+) \w (\w+)$/ ? ($2 => hex $1) : () } split /\n/,
    run({}, 'nm', $object)->{stdout};
my %from = (
    DISTANCE => $at{cc_raw} - $at{__libc_start_main},
    SELECTOR => $at{cc_tripwire_selector} - $at{__libc_start_main});
my @ways = ('by our instruction', 'past the selector', 'in a constructor');
my @attacks = qw(openat execve socket kill ioctl unlink fork prlimit64 fcntl madvise);
for my $way (1 .. @ways) {
    for my $attack (1 .. @attacks + 1) {
        my $victim = fork // die "fork: $!";
        exec 'sleep', 100 if !$victim;
        my $name = $attacks[$attack - 1] // 'reading a file';
        build_object(
            "$dir/module.so", 'module', "-DWAY=$way", "-DATTACK=$attack",
            "-DVICTIM=$victim",
            map {"-D$_=($from{$_})"} sort keys %from
        );
        my $title = "$name, $ways[$way - 1]";
        my $replayed = forged($module->{slice}, file => "module.so:$dir/module.so");
        if ($attack <= @attacks) {
            one_line($replayed, 'system call \d+', $title);
        }
        unlike($replayed->{stdout}, qr/secret/, "$title: nothing was read");
        untouched($title);
        ok(kill(0, $victim), "$title: no process was ended");
        kill KILL => $victim;
        waitpid $victim, 0;
    }
}

# The same beside what the user brings: each call is refused, and the replay goes on.
my @beside = (
    ['--hook', 'coverage'], ['--print', 'module.py:2:1'], ['--print', 'module.py:2:len("copy")'],
    ['--trace', "$FindBin::Bin/hooks/hostile.py:hoards_some"]);
for my $attack (1 .. @attacks + 1) {
    my $victim = fork // die "fork: $!";
    exec 'sleep', 100 if !$victim;
    my $name = $attacks[$attack - 1] // 'reading a file';
    build_object(
        "$dir/module.so", 'module', '-DWAY=1', "-DATTACK=$attack", "-DVICTIM=$victim",
        map {"-D$_=($from{$_})"} sort keys %from
    );
    for my $options (@beside) {
        my $title = "$name, beside @{$options}";
        my $replayed = forged($module->{slice}, file => "module.so:$dir/module.so", @{$options});
        is($replayed->{stdout}, $recorded[0], "$title: the replay goes on")
            or diag($replayed->{stderr});
        ok(refusals($replayed), "$title: it is told what was refused")
            if $attack <= @attacks && $name ne 'prlimit64' && $name ne 'madvise';
        untouched($title);
        ok(kill(0, $victim), "$title: no process was ended");
    }
    kill KILL => $victim;
    waitpid $victim, 0;
}

# 8. What a terminal would obey.
sub shows_no_escapes {
    my ($slice, $title, $replayer) = @_;
    for my $command (
        [command('cc-log'), 'info', $slice],
        [command('cc-log'), 'dump', $slice],
        [command('cc-log'), 'stat', $slice],
        [command('cc-log'), 'verify', $slice],
        [command('cc-log'), 'info', '--json', $slice],
        [command('cc-log'), 'dump', '--json', $slice],
        [$replayer, $slice]
    ) {
        my $result = run({}, @{$command});
        my ($tool) = $command->[0] =~ m{([^/]+)\z};
        unlike(
            "$result->{stdout}$result->{stderr}",
            qr/[\x00-\x08\x0b-\x1f\x7f]/, "$title: $tool @{$command}[1 .. $#{$command} - 1]"
        );
    }
    return;
}
for my $process ($perl, $python) {
    my ($kind) = $process->{slice} =~ /\.(plog|pylog)\z/;
    my $replayer = command($kind eq 'plog' ? 'cc-perl-replay' : 'cc-python-replay');
    # Where the interpreter's name is left, the program begins; else that is what is told.
    for my $kept ('/usr/bin/', 'no such text') {
        my $escaped = "$dir/escapes.$kind";
        my $made = run({}, $tamper, $process->{slice}, $escaped, 'escapes', $kept);
        die $made->{stderr} if $made->{status} ne '0';
        shows_no_escapes($escaped, "escapes, $kind, but $kept", $replayer);
    }
    like(
        run({}, $replayer, "$dir/escapes.$kind")->{stderr},
        qr/\\x1b/, "$kind: an escape is shown"
    );
}

# What leaves a machine: it is for who made it.
for my $file ($run->{log}, $perl->{slice}) {
    is(
        sprintf('%o', (stat $file)[2] & oct 777), '600',
        basename_of($file) . ' is for its owner only'
    );
}

# 9. A recording that claims to be large.
sub claims {
    my ($member, $bytes) = @_;
    my $tree = scratch('claims');
    run({}, 'tar', 'xf', $run->{log}, '-C', $tree);
    my $manifest = slurp("$tree/manifest.json");
    $manifest =~ s/("\Q$member\E": ?\{[^}]*"bytes": ?)\d+/$1$bytes/ or die "$member: $manifest";
    spew("$tree/manifest.json", $manifest);
    spew(
        "$tree/manifest.sha256",
        slurp("$tree/manifest.sha256") =~ s/\A\w{64}/sha256_hex($manifest)/er
    );
    my @members = split /\n/, run({}, 'tar', 'tf', $run->{log})->{stdout};
    run({dir => $tree}, 'tar', '--format=ustar', '-cf', "$dir/claims.vmlog", @members);
    my $temporary = scratch('temporary');
    my $result = run(
        {env => {TMPDIR => $temporary}},
        command('cc-slice'), "$dir/claims.vmlog", '-o', "$dir/claimed.plog"
    );
    my $used = run({}, 'du', '-sk', $temporary)->{stdout};
    cmp_ok($used =~ s/\s.*//sr, '<', 4096, "$member of $bytes bytes: nothing was written");
    return $result;
}
my ($free) = run({}, 'df', '--output=avail', '-B1', $dir)->{stdout} =~ /(\d+)/;
for my $member (qw(rr job.squashfs)) {
    my @claims = (5 * 2**30, $free < 8 * 2**30 ? int($free * 0.6) : ());
    for my $bytes (@claims) {
        my $result = claims($member, $bytes);
        is($result->{status}, 125, "$member of $bytes bytes: refused");
        like(
            $result->{stderr}, qr/\A[^\n]*its \Q$member\E is said to have[^\n]*\n\z/,
            '... in one line'
        );
    }
}

done_testing;
