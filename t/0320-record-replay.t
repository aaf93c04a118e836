#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A recording replays identically, or somebody says why not: damage, wrong images, a QEMU that
# hangs.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";
use Crosscut::Test;
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = scratch('replay');
my $log = "$dir/run.vmlog";
my $vm = build() . '/t/tools/vm';

my $cache = $ENV{CROSSCUT_CACHE} // ($ENV{XDG_CACHE_HOME} // "$ENV{HOME}/.cache") . '/crosscut';

sub record {
    my (@command) = @_;
    return run(
        {dir => $dir, timeout => 180}, command('cc-record'), '--force', '-o', $log, '--',
        @command
    );
}

sub vm_says {
    my ($with, @arguments) = @_;
    return run({dir => $dir, timeout => 120, %{$with}}, $vm, @arguments);
}

# ---- a machine with a lot going on

spew("$dir/busy.sh", <<'END');
(while :; do :; done) &
busy=$!
for i in 1 2 3; do
	perl -e 'for (1..4) { if (!fork) { select undef, undef, undef, rand .1; $x += rand for 1..5000; print "$$ $x\n"; exit } }
		 $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; sleep 2; 1 while wait > 0' | sort &
	jobs="$jobs $!"
done
wait $jobs
head -c 100000 /dev/urandom | md5sum
kill $busy
END
my $run = record('bash', 'busy.sh');
succeeds($run, 'three perls that fork, wait and draw random numbers, beside a busy loop');
for (1 .. 2) {
    my $replay = vm_says({}, 'replay', $log);
    is($replay->{stdout}, "status 0, replayed identically\n", "replay $_ is identical")
        or diag($replay->{stderr});
}

# ---- the guest's files

$run = record('perl', '-e', 'print "content of ", __FILE__');
my $list = vm_says({}, 'list', $log)->{stdout};
like($list, qr{^/usr/bin/perl$}m, 'the files of the guest can be listed: the base\'s');
like($list, qr{^\Q$dir\E/busy\.sh$}m, 'and those of the run');
succeeds(
    vm_says({}, 'extract', $log, '/bin/perl', "$dir/perl"),
    'a file of the guest can be copied out'
);
is(slurp("$dir/perl"), slurp('/usr/bin/perl'), 'it is the file, through links');
succeeds(vm_says({}, 'extract', $log, "$dir/busy.sh", "$dir/copy"), 'also one of the run');
is(slurp("$dir/copy"), slurp("$dir/busy.sh"), 'it is the file');
my $missing = vm_says({}, 'extract', $log, '/no/file', "$dir/copy2");
like($missing->{stderr}, qr{the guest had no file /no/file}, 'one that was not there is named');

# ---- standard tools open a log

my @members = split /\n/, qx(tar tf $log);
is_deeply(
    \@members,
    [qw(manifest.json manifest.sha256 rr.zst job.squashfs.zst start.zst stdout.zst stderr.zst)],
    'a log is a tar'
);
my $manifest = decode_json(scalar qx(tar xOf $log manifest.json));
is_deeply(
    [@{$manifest}{qw(kind version status)}, $manifest->{argv}[0]], ['vmlog', 1, 0, 'perl'],
    'its manifest is JSON'
);
is(
    $manifest->{members}{stdout}{sha256}, sha256_hex($run->{stdout}),
    'with the digest of each member\'s content'
);

# ---- damage

my $whole = slurp($log);
sub offset_of { my ($member) = @_; return index($whole, $member) + 512 }

sub damaged {
    my ($text, $expected, $name, @command) = @_;
    spew("$dir/bad.vmlog", $text);
    my $result = @command ? run({dir => $dir}, @command) : vm_says({}, 'replay', "$dir/bad.vmlog");
    isnt($result->{status}, 0, "$name: is found");
    like($result->{stderr}, $expected, "$name: the reason");
    is(($result->{stderr} =~ tr/\n//), 1, "$name: in one line");
    return;
}

for my $member (qw(rr job.squashfs start stdout stderr)) {
    my $bad = $whole;
    substr($bad, offset_of("$member.zst") + 9, 1) ^= "\x10";
    damaged(
        $bad, qr/bad\.vmlog: its \Q$member\E is damaged|is longer|cut short in \Q$member\E/,
        "a flipped byte in $member"
    );
}
my $bad = $whole;
substr($bad, index($bad, '"argv"') + 1, 1) = 'b';
damaged($bad, qr/its manifest is damaged/, 'a changed manifest');
$bad = $whole;
substr($bad, offset_of('rr.zst') + 9, 1) ^= "\x10";
damaged(
    $bad, qr/its rr is damaged/, 'cc-log verify', command('cc-log'), 'verify',
    "$dir/bad.vmlog"
);
damaged(substr($whole, 0, $_), qr/bad\.vmlog: .*(cut|is not a recording)/, "cut at $_")
    for 0, 100, 700, offset_of('rr.zst') + 20, length($whole) - 11000;
damaged("text\n" x 1000, qr/is not a recording: it does not begin as one/, 'another kind of file');
damaged(
    $whole =~ s/("version": )1/${1}9/r, qr/its manifest is damaged|version 9/,
    'a changed version'
);
like(
    vm_says({}, 'replay', "$dir/none.vmlog")->{stderr}, qr/none\.vmlog: No such file/,
    'a log that is not there'
);

# ---- the base

my $elsewhere = scratch('cache');
my $base = "$elsewhere/bases/$manifest->{base}";
my $gone = vm_says({env => {CROSSCUT_CACHE => $elsewhere}}, 'replay', $log);
is($gone->{status}, 125, 'a base that is not in the cache: 125');
like(
    $gone->{stderr}, qr/base \w+ is not in the cache .* `cc-log pack`/,
    'what is missing, and what to do'
);
make_path($base);
for my $image (qw(manifest.json state files.cpio ram)) {
    system('cp', '--sparse=always', "$cache/bases/$manifest->{base}/$image", "$base/$image");
}
is(
    vm_says({env => {CROSSCUT_CACHE => $elsewhere}}, 'replay', $log)->{status}, 0,
    'a copied cache serves'
);
for my $image (qw(state ram)) {
    open my $file, '+<:raw', "$base/$image" or die "$image: $!";
    seek $file, 50_000, 0;
    read $file, my $byte, 1;
    seek $file, 50_000, 0;
    print {$file} chr(ord($byte) ^ 1);
    close $file;
    my $changed = vm_says({env => {CROSSCUT_CACHE => $elsewhere}}, 'replay', $log);
    like(
        $changed->{stderr}, qr{/\Q$image\E: is not what it was},
        "a changed byte of $image is found before the replay"
    );
    system('cp', '--sparse=always', "$cache/bases/$manifest->{base}/$image", "$base/$image");
}
remove_tree($elsewhere);

my $packed =
    run({dir => $dir, timeout => 120}, command('cc-log'), 'pack', '-o', "$dir/packed.vmlog", $log);
succeeds($packed, 'cc-log pack puts the base into the log');
make_path($elsewhere);
is(
    vm_says({env => {CROSSCUT_CACHE => $elsewhere}}, 'replay', "$dir/packed.vmlog")->{status}, 0,
    'which then replays with an empty cache'
);
unlink "$dir/packed.vmlog";
remove_tree($elsewhere);

# ---- a QEMU that hangs or dies

# The QEMU below `pid`, once it has run for a moment.
sub qemu_below {
    my ($pid) = @_;
    for (1 .. 100) {
        my ($qemu) = qx(ps -o pid= -o comm= --ppid $pid) =~ /(\d+)\s+qemu-system/;
        if ($qemu) { sleep 0.5; return $qemu }
        sleep 0.05;
    }
    return;
}

sub with_signal {
    my ($signal, @command) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        $ENV{CROSSCUT_WATCHDOG} = 3;
        chdir $dir;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$dir/out";
        open STDERR, '>', "$dir/err";
        exec @command or POSIX::_exit(127);
    }
    my $qemu = qemu_below($pid);
    my $start = time;
    kill $signal => $qemu if $qemu;
    waitpid $pid, 0;
    return {
        status => $? >> 8, stderr => slurp("$dir/err"), qemu => $qemu,
        seconds => time - $start
    };
}

unlink "$dir/hung.vmlog";
for my $case (['STOP', qr/makes no progress any more/], ['KILL', qr/QEMU died of signal 9/]) {
    my ($signal, $expected) = @{$case};
    my $result =
        with_signal($signal, command('cc-record'), '-o', "$dir/hung.vmlog", '--', 'sleep', '60');
    is($result->{status}, 125, "QEMU gets SIG$signal in a recording: 125");
    like($result->{stderr}, $expected, 'and the reason');
    cmp_ok($result->{seconds}, '<', 20, 'soon');
    ok(!kill(0 => $result->{qemu}), 'QEMU is gone');
    ok(!-e "$dir/hung.vmlog", 'no log is left');
}
record('perl', '-e', '$i++ while $i < 6e6; print $i');
my $hung = with_signal('STOP', $vm, 'replay', $log);
is($hung->{status}, 125, 'QEMU hangs in a replay: 125');
like($hung->{stderr}, qr/the replay failed: QEMU makes no progress any more/, 'and the reason');
unlike(
    $hung->{stderr}, qr/recorded by QEMU/,
    '... which is not another version of QEMU, as it is the same'
);
ok(!kill(0 => $hung->{qemu}), 'QEMU is gone');

done_testing;
