#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The edges of cc-record: changed files brought back, large directories, full disks, interrupts.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Crosscut::Test;
use File::Path qw(make_path);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = scratch('limits');
my $out = scratch('out');
my $log = "$out/run.vmlog";

sub record {
    my ($with, @arguments) = @_;
    return run(
        {dir => $dir, timeout => 120, %{$with}}, command('cc-record'), '--force', '-o', $log,
        @arguments
    );
}

# ---- --pull

make_path("$dir/old");
spew("$dir/kept", "kept\n");
spew("$dir/changed", "before\n");
spew("$dir/old/removed", "x\n");
my $long = 'n' x 150;
my $run = record(
    {}, '--pull', "$out/back", '--', 'sh', '-c',
    "echo after > changed; mkdir -p new/$long; echo deep > new/$long/$long; ln -s deep new/link; rm old/removed; chmod 600 changed; echo other > /tmp/other"
);
succeeds($run, 'a run that changes files');
is(slurp("$out/back/changed"), "after\n", '--pull brings back a changed file');
is((stat "$out/back/changed")[2] & 07777, 0600, 'with its mode');
is(slurp("$out/back/new/$long/$long"), "deep\n", 'and a new one, however long its name');
is(readlink "$out/back/new/link", 'deep', 'and a link');
ok(!-e "$out/back/kept", 'what did not change is not copied');
is(slurp("$dir/changed"), "before\n", 'the working directory itself is as it was');
like(
    $run->{stderr}, qr{the run removed 1 names, old/removed for one; they are not removed in },
    'removed files are told'
);
is(
    run({dir => $dir, timeout => 60}, build() . '/t/tools/vm', 'replay', $log)->{status}, 0,
    'a recording with --pull replays'
);

# ---- large directories

my $large = scratch('large');
# More than what is copied to the guest's memory before the run (JOB_MEMORY_KIB).
spew("$large/file", 'x' x 140_000_000 . "end\n");
$run = record({dir => $large}, '--', 'sh', '-c', 'tail -c 5 *');
is($run->{stdout}, "xend\n", 'a working directory of 140 MB');
like(
    $run->{stderr}, qr/goes into the guest with 140 MB, which takes a while/,
    'is told to be slow'
);
truncate "$large/file", 30_000_000_000;
unlink $log;
my $start = time;
$run = record({dir => $large}, '--', 'true');
is($run->{status}, 125, 'one of 30 GB: 125');
like(
    $run->{stderr},
    qr/the working directory \Q$large\E holds more than 4\.\d GB.*run the command in a smaller directory/,
    'and what to do'
);
cmp_ok(time - $start, '<', 10, 'soon');
$run = record({}, '--include', $large, '--', 'true');
like($run->{stderr}, qr/\Q$large\E: more than 4\.\d GB of files/, 'the same for --include');
ok(!-e $log, 'no log is left');
$run = record({dir => '/usr/share'}, '--', 'pwd');
is(
    $run->{stdout}, "/usr/share\n",
    'a directory that is the guest\'s own can be the working directory'
);
like($run->{stderr}, qr{/usr/share is the guest's own}, 'which is told');

# ---- the cache of bases

my $cache = $ENV{CROSSCUT_CACHE} || ($ENV{XDG_CACHE_HOME} || "$ENV{HOME}/.cache") . '/crosscut';
make_path("$cache/test-$$");
$run = record({dir => "$cache/test-$$"}, '--', 'pwd');
is($run->{stdout}, "$cache/test-$$\n", 'a working directory in the cache is one like others');
rmdir "$cache/test-$$";
$run = record({dir => "$cache/bases"}, '--', 'pwd');
is($run->{status}, 125, 'but not in its bases');
like(
    $run->{stderr},
    qr/^cc-record: the working directory \Q$cache\E.bases does not go into a guest/,
    'which is told'
);
like(
    record({}, '--prune', '--', 'true')->{stderr}, qr/--prune records nothing/,
    '--prune and a command exclude each other'
);

# In a mount name space: there, the cache has the present bases by name, and a few that are not.
SKIP: {
    skip 'only root can mount', 5 if $>;
    my ($old, $busy) = map { $_ x 64 } qw(0 1);
    $run = run(
        {dir => $dir, timeout => 60, env => {C => $cache, O => $old, B => $busy}}, 'unshare',
        '-m', 'sh', '-c', <<'EOF', 'sh', command('cc-record'));
mkdir bases keys && cp -r $C/keys/. keys && (cd $C/bases && cp --parents */manifest.json $OLDPWD/bases) &&
mkdir bases/$O bases/$B bases/new-crash && echo $O > keys/$O && head -c 100000 /dev/zero | tee bases/$O/ram > bases/$O/manifest.json &&
echo > bases/$B/manifest.json && mount --bind bases $C/bases && mount --bind keys $C/keys || exit 77
exec 9< bases/$B/manifest.json; flock -s 9
"$@" --prune || exit
ls bases; ls keys/$O
exec 9<&-; "$@" --prune
EOF
    skip 'cannot mount here', 5 if $run->{status} == 77 || $run->{stderr} =~ /unshare/;
    like(
        $run->{stdout},
        qr/\A\d+ guest bases? removed, 0\.\d MB freed; this machine's present one stays; 1 other in use\n/,
        '--prune says what it did'
    );
    my @left = $run->{stdout} =~ /^([0-9a-f]{64})$/mg;
    ok((grep { $_ eq $busy } @left), 'a base that is in use stays');
    is(scalar @left, 2, 'and the present one; all others are gone');
    unlike($run->{stdout}, qr/^new-|^keys/m, 'with what was left of a crash, and their keys');
    like(
        $run->{stdout},
        qr/^1 guest base removed, 0\.0 MB freed; this machine's present one stays\n\z/m,
        'once it is not in use, it goes'
    ) or diag explain $run;
}

# One that a recording needs, likewise.
SKIP: {
    skip 'only root can mount', 4 if $>;
    $run = run(
        {dir => scratch('needed'), timeout => 60, env => {C => $cache, N => '2' x 64}},
        'unshare', '-m', 'sh', '-c', <<'EOF', 'sh', command('cc-record'));
mkdir bases keys && cp -r $C/keys/. keys && (cd $C/bases && cp --parents */manifest.json $OLDPWD/bases) && mkdir bases/$N &&
echo > bases/$N/manifest.json && printf '{"kind":"vmlog","base":"%s"}' $N > manifest.json && tar cf needs.vmlog manifest.json &&
printf '%s\n' $PWD/needs.vmlog $PWD/gone.vmlog > bases/$N/recordings && mount --bind bases $C/bases && mount --bind keys $C/keys || exit 77
"$@" --prune; ls bases; "$@" --prune --force; rm needs.vmlog
EOF
    skip 'cannot mount here', 4 if $run->{status} == 77 || $run->{stderr} =~ /unshare/;
    like(
        $run->{stdout},
        qr/^the guest base 222222222222 \(0\.0 GB\) stays: 1 recording needs it\n {4}\S+needs\.vmlog\n\d/m,
        'a base that a recording needs stays, and which that is'
    );
    like(
        $run->{stdout},
        qr/; 1 that recordings need: `cc-log pack RUN\.vmlog -o PACKED\.vmlog` puts the base into one, `cc-record --prune --force` /,
        'and what can be done'
    );
    like($run->{stdout}, qr/^2{64}$/m, 'it is there');
    like($run->{stdout}, qr/^1 guest base removed, [^\n]*\n\z/m, '--force removes it all the same');
}
# ---- where nothing can be written

unlink $log;
$run =
    run({dir => $dir, timeout => 60}, command('cc-record'), '-o', '/proc/run.vmlog', '--', 'true');
is($run->{status}, 125, 'an output that cannot be written: 125');
like($run->{stderr}, qr{^cc-record: /proc/run\.vmlog: }m, 'and the reason');
$run = record({env => {TMPDIR => '/no/such/directory'}}, '--', 'true');
like(
    $run->{stderr}, qr{/no/such/directory/.*TMPDIR names a directory with space},
    'a wrong TMPDIR is named'
);
$run = record({env => {PATH => '/nonexistent'}}, '--', '/bin/true');
like(
    $run->{stderr}, qr/qemu-system-x86_64: not installed; run `make deps`/,
    'QEMU that is not installed is named'
) or diag $run->{stderr};

# A file system of its own, in a mount name space that ends with the shell.
sub in_small_filesystem {
    my ($size, $variables, @command) = @_;
    my $small = scratch('small');
    return run(
        {dir => $dir, timeout => 120, env => {SMALL => $small}}, 'unshare', '-m', 'sh', '-c',
        "mount -t tmpfs -o size=$size none \$SMALL || exit 77; export $variables; \"\$\@\"; status=\$?; ls -A \$SMALL >&2; exit \$status",
        'sh', @command
    );
}
SKIP: {
    skip 'only root can mount a small file system', 5 if $>;
    my @noisy = ('--', 'perl', '-e', 'print "x" x 1000 for 1..3000');
    $run = in_small_filesystem('1m', 'TMPDIR=$SMALL', command('cc-record'), '-o', $log, @noisy);
    skip 'cannot mount here', 5 if $run->{status} == 77 || $run->{stderr} =~ /unshare/;
    is($run->{status}, 125, 'the disk of TMPDIR fills up while recording: 125');
    like($run->{stderr}, qr/is full; TMPDIR names another|No space left/, 'and what to do');
    ok(!-e $log, 'no log is left');
    $run = in_small_filesystem(
        '100k', 'X=1', 'sh', '-c', 'cd $SMALL && exec "$@"', 'sh',
        command('cc-record'), '-o', 'run.vmlog', '--', 'perl', '-e',
        'read STDIN, $x, 1; open F, "<", "/dev/urandom"; read F, $x, 400_000; print $x'
    );
    is($run->{status}, 125, 'the disk of the log fills up: 125');
    like(
        $run->{stderr}, qr/run\.vmlog.*No space left on device\n\z/,
        'the reason, and nothing half-written is left'
    );
}

# ---- interrupts

# A recording of a command that goes on; gives its process when it has begun.
sub begun {
    my (%env) = @_;
    unlink "$out/stdout";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        @ENV{keys %env} = values %env;
        chdir $dir;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$out/stdout";
        open STDERR, '>', "$out/stderr";
        exec command('cc-record'), '--force', '-o', $log, '--', 'sh', '-c', 'echo started; sleep 60'
            or POSIX::_exit(127);
    }
    my $until = time + 60;
    sleep 0.05 while !-s "$out/stdout" && time < $until;
    return $pid;
}

unlink $log;
for my $end ([INT => 130], [TERM => 143]) {
    my ($signal, $status) = @{$end};
    my $pid = begun();
    kill $signal => $pid;
    waitpid $pid, 0;
    is($? >> 8, $status, "SIG$signal while recording: $status");
    is_deeply([glob "$out/run.vmlog*"], ["$out/run.vmlog"], 'the log is left, whole');
    is(
        run({dir => $dir, timeout => 60}, build() . '/t/tools/vm', 'replay', $log)->{status}, 0,
        'and replays'
    );
    unlink $log;
}
is(join('', glob "$ENV{TMPDIR}/crosscut-*"), '', 'no temporary directory is left') if $ENV{TMPDIR};

my $temporary = scratch('temporary');
my $killed = begun(TMPDIR => $temporary);
kill KILL => $killed;
waitpid $killed, 0;
my @left = glob "$temporary/*";
is(scalar @left, 1, 'a recorder that is killed leaves its temporary directory');
my $young = "$temporary/crosscut-work.new-ABCDEF";
mkdir $young or die "$young: $!";
record({env => {TMPDIR => $temporary}}, '--', 'true');
is_deeply([glob "$temporary/*"], [$young], 'the next recording removes it: nobody holds its lock');
ok(-e $young, 'one without a lock yet may be of a recorder that has just begun');
utime time - 120, time - 120, $young;
record({env => {TMPDIR => $temporary}}, '--', 'true');
is_deeply([glob "$temporary/*"], [], 'an old one is removed');

done_testing;
