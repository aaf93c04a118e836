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
        qr/\Acc-\w+-replay: [^\n]*\(seccomp: [^\n]*--allow-host[^\n]*\n\z/,
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

# On the kernel of Debian 12, with Landlock and without: in a recorded machine.
my $script = <<'END';
chmod 644 secret
uname -r
python3 -c 'import ctypes; print("landlock", ctypes.CDLL(None).syscall(444, None, 0, 1))'
for without in "" "./without landlock 38"; do
    $without bin/cc-python-replay run.pylog
    $without bin/cc-perl-replay run.plog
    $without bin/cc-python-replay forged.pylog 2>&1 | sed 's/system call [0-9]*/system call/'
    $without bin/cc-python-replay --print 'module.py:3:open("/etc/hostname")' run.pylog
    echo status $?
done 2>&1
END
build_object(
    "$dir/module.so", '-DWAY=1', '-DATTACK=1', '-DVICTIM=1', '-DSELECTOR=0',
    '-DDISTANCE=(' . ($at{cc_raw} - $at{__libc_start_main}) . ')'
);
run({}, $tamper, $python->{slice}, "$dir/forged.pylog", 'file', "module.so:$dir/module.so");
my $machine = vm_record(
    'debian',
    ['sh', 'script'],
    options => [map { ('--package', $_) } qw(python3.11 perl)],
    files => {script => $script, secret => "the secret\n"},
    prepare => sub {
        my ($work) = @_;
        run({}, qw(cp -r), build() . '/bin', build() . '/lib', $without, $work);
        run({}, 'cp', $python->{slice}, "$work/run.pylog");
        run({}, 'cp', $perl->{slice}, "$work/run.plog");
        run({}, 'cp', "$dir/forged.pylog", $work);
    });
like(
    $machine->{stdout}, qr/\A6\.1\.\S+\nlandlock [1-9]\d*\n/,
    'the kernel of Debian 12 has Landlock'
);
my ($with, $lacking) = $machine->{stdout} =~ /^landlock \d+\n(.*?status 0\n)(.*?status 0\n)\z/ms;
for my $said ($with, $lacking) {
    is(
        $said =~ s/^\[[^\]]*\] //mgr,
        "$says{$python}$says{$perl}"
            . "cc-python-replay: code that the slice brought, or that it loads, made system call (openat), which a replay does not: nothing was done (doc/security.md)\n"
            . "cc-python-replay: reading /etc/hostname was refused: what is replayed is kept from this machine (--allow-host gives it your own rights)\n"
            . "error: PermissionError: [Errno 1] Operation not permitted: '/etc/hostname'\n$says{$python}status 0\n",
        'replays are confined there'
    );
}

# Another user than root, whose rights are fewer; what he may is refused all the same.
my $passwd = replay_elsewhere(
    $python->{slice},
    options => ['--print', 'module.py:3:open("/etc/passwd")', '--print', 'module.py:3:len("four")']
);
is_deeply([refusals($passwd)], ['reading /etc/passwd'], 'an ordinary user: a copy is confined');
like($passwd->{stderr}, qr/^\[[^\]]*\] 4$/m, 'and works');
is($passwd->{stdout}, $says{$python}, 'and the replay goes on');
my $debugged = replay_elsewhere(
    $perl->{slice},
    options => ['-d'], stdin => "p `id`\np 4 + 3\nq\n"
);
is_deeply([refusals($debugged)], ['a further process'], 'so is a session');
like($debugged->{stderr} . $debugged->{stdout}, qr/\b7\b/, 'which works');

done_testing;
