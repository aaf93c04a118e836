#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What replays are confined by may be missing: on an older kernel, one that was started without it, or
# in a container. What is lost then is nothing, or it is said.
use strict;
use warnings;

use Errno qw(EBUSY ENOSYS EPERM);
use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $dir = scratch('kernels');
my ($canary, $secret) = ("$dir/canary", spew("$dir/secret", "the secret\n"));
my $sources = programs() . '/hostile';
my ($without, $tamper) = (test_tool('without'), test_tool('tamper-plog'));

sub build_object {
    my ($to, @options) = @_;
    my %texts = (CANARY => $canary, SECRET => $secret);
    my $made = run(
        {}, qw(cc -shared -fPIC -w -o), $to, "$sources/module.c",
        '-Wl,--build-id=0xc0ffee00c0ffee00c0ffee00c0ffee00c0ffee00', @options,
        map {"-D$_=\"$texts{$_}\""} sort keys %texts
    );
    die $made->{stderr} if !-e $to;
    truncate $to, 65536 or die "$to: $!";
    return $to;
}

my $run = vm_record(
    'kernels',
    ['sh', '-c', 'python3 module.py; perl text.pl'],
    files => {
        'module.py' =>
            "import ctypes, decimal\nn = 1\nprint('the module says', ctypes.CDLL('./module.so').work())\n",
        'text.pl' => "use POSIX;\nmy \$n = 1;\nprint 'perl says ', floor(4.5), qq(\\n);\n"
    },
    prepare => sub { build_object("$_[0]/module.so") });
succeeds($run, 'two programs are recorded');
my ($python, $perl) = sort { $a->{pid} <=> $b->{pid} } grep { $_->{slice} } vm_slices($run->{log});
my %says = ($python => "the module says 4\n", $perl => "perl says 4\n");

sub replay_without {
    my ($what, $error, $slice, @options) = @_;
    my $command = command($slice =~ /pylog\z/ ? 'cc-python-replay' : 'cc-perl-replay');
    return run({dir => $dir, timeout => 60}, $without, $what, $error, $command, @options, $slice);
}

# Landlock is not there: the launcher opens files.
for my $error (ENOSYS, EPERM) {
    for my $process ($python, $perl) {
        my $replayed = replay_without('landlock', $error, $process->{slice});
        is($replayed->{stdout}, $says{$process}, 'without Landlock: the replay is the same');
        is($replayed->{stderr}, '', 'and says nothing');
    }
}
my $object = replay_object('python');
my %at = map { /^(\w+) \w (\w+)$/ ? ($2 => hex $1) : () } split /\n/,
    run({}, 'nm', $object)->{stdout};
for my $attack (1, 11) {
    build_object(
        "$dir/module.so", '-DWAY=1', "-DATTACK=$attack", '-DVICTIM=1', '-DSELECTOR=0',
        '-DDISTANCE=(' . ($at{cc_raw} - $at{__libc_start_main}) . ')'
    );
    my $forged = "$dir/forged.pylog";
    run({}, $tamper, $python->{slice}, $forged, 'file', "module.so:$dir/module.so");
    my $replayed = replay_without('landlock', ENOSYS, $forged);
    unlike($replayed->{stdout}, qr/secret/, 'without Landlock: no file is read');
    ok(!-e $canary, 'nor written');
}

# A print, a hook, a debugger need the broker, and no Landlock.
for my $row (
    [$python, '--print', 'module.py:3:open("/etc/passwd")'],
    [$perl, '--print', 'text.pl:3:open F, "</etc/passwd"']
) {
    my ($process, @options) = @{$row};
    my $replayed = replay_without('landlock', ENOSYS, $process->{slice}, @options);
    is_deeply([refusals($replayed)], ['reading /etc/passwd'], 'a copy is confined without it');
    is($replayed->{stdout}, $says{$process}, 'and the replay goes on');
}

# A broker cannot be had: these say so, and what to do; with --allow-host they work.
for my $row (
    [$python, '--print', 'module.py:3:len("four")'], [$perl, '-d'],
    [$perl, '--hook', 'coverage']
) {
    my ($process, @options) = @{$row};
    my $replayed = replay_without('listener', EBUSY, $process->{slice}, @options);
    is($replayed->{status}, 125, "@options, without a broker: 125");
    like(
        $replayed->{stderr},
        qr/\Acc-\w+-replay: [^\n]*\(seccomp: [^\n]*--allow-host[^\n]*\n(?:cc-perl-replay: the replay is gone\n)?\z/,
        'in one line, with what to do'
    );
    $replayed = replay_without('listener', EBUSY, $process->{slice}, '--allow-host', @options);
    is($replayed->{status}, 0, 'which works');
}
my $replayed = replay_without('listener', EBUSY, $perl->{slice});
is($replayed->{stdout}, $says{$perl}, 'a replay that only replays needs none where Landlock is');

# No filter at all.
for my $error (ENOSYS, EPERM) {
    $replayed = replay_without('seccomp', $error, $perl->{slice});
    is($replayed->{status}, 125, 'without seccomp: 125');
    is($replayed->{stdout}, '', 'nothing runs');
    like(
        $replayed->{stderr}, qr/\Acc-perl-replay: [^\n]*seccomp: [^\n]*\n\z/,
        'one line says why'
    );
}

done_testing;
