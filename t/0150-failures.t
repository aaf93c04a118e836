#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Success means a result: names that are no text, outputs that cannot be written.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Crosscut::Test;
use File::Path qw(make_path);
use JSON::PP qw(decode_json);
use Test::More;

# ---- names that are not UTF-8, or have line breaks, tabs and commas in them ----

my $odd = scratch('names') . "/caf\xe9, a\tb\nc";
my ($perl, $python, $copy) = ("s\xe9\nt.pl", "p\xe9\nq.py", "co\tpy\n\xe9");
make_path($odd);
spew("$odd/$perl", "sub f {\n    return \$_[0] + 1 }\nprint f(3), \" \$ARGV[0]\\n\";\n");
spew("$odd/$python", "import sys\ndef f(x):\n    return x + 1\nprint(f(4), ascii(sys.argv[1]))\n");

my $run = run(
    {dir => $odd, timeout => 120, env => {LANG => 'C.UTF-8', PERL_ODD => "\xe9"}},
    command('cc-record'),
    qw(-o run.vmlog -- sh -c),
    'perl "$1" "$4" && python3 "$2" "$4" && cp "$2" "$3" && python3 "$3" x',
    'sh', $perl, $python, $copy, "arg\xff"
);
succeeds(
    $run,
    'a directory, files and arguments whose names are not UTF-8 and hold line breaks: recorded'
) or diag $run->{stderr};
is(
    $run->{stdout}, "4 arg\xff\n5 '\\udcff'\n5 'x'\n" =~ s/'\\udcff'/'arg\\udcff'/r,
    'the programs see the same names'
);

my $info = run({dir => $odd}, command('cc-log'), qw(info --json run.vmlog));
my $manifest = decode_json($info->{stdout})->{manifest};
ok($manifest->{cwd}{base64}, 'the recording has the directory, as bytes');
like(
    run({dir => $odd}, command('cc-log'), qw(info run.vmlog))->{stdout},
    qr/^argv .* s\\xe9\\nt\.pl /m, 'cc-log info shows such names on one line'
);

my $list = run({dir => $odd}, command('cc-slice'), qw(--list run.vmlog));
like(
    $list->{stdout}, qr/^ +\d+ +\d+  perl .* perl s\\xe9\\nt\.pl arg\\xff$/m,
    'so does cc-slice --list'
);

my $slices = run({dir => $odd, timeout => 60}, command('cc-slice'), 'run.vmlog', '-o', "sl\xe9/");
succeeds($slices, 'sliced into such a directory');
opendir my $there, "$odd/sl\xe9" or die;
my %slice = map { (/-([a-z]+)/ ? $1 : '') => "sl\xe9/$_" } grep {/log$/} readdir $there;
is_deeply([sort keys %slice], [qw(co p s)], 'every slice is there') or diag explain \%slice;
$slices = run(
    {dir => $odd, timeout => 60}, command('cc-slice'), 'run.vmlog', '--match', "arg\xff",
    '--exe', $perl, '-o', "o\xe9.plog"
);
succeeds($slices, '--exe and --match take them');
ok(-s "$odd/o\xe9.plog", 'and the slice is where it is to be');

my $replay =
    run({dir => $odd}, command('cc-perl-replay'), '--print', "$perl:2:\$_[0]", "o\xe9.plog");
is("$replay->{status} $replay->{stdout}", "0 4 arg\xff\n", 'perl: replayed');
like($replay->{stderr}, qr/^\[\S+ s\xe9\\nt\.pl:2\] 3$/, '--print finds its file');
$replay = run(
    {dir => $odd, stdin => "b 2\nc\np 10+\$_[0]\nrs\nrc\nL\nq\n"}, command('cc-perl-replay'),
    '-d', "o\xe9.plog"
);
like(
    $replay->{stdout} . $replay->{stderr}, qr/main::f\(s\xe9\nt\.pl:2\).*\D13\n.*break if/s,
    'so does a breakpoint in the debugger'
);
$replay = run({dir => $odd}, command('cc-python-replay'), '--print', "$python:3:x", $slice{p});
is("$replay->{status} $replay->{stdout}", "0 5 'arg\\udcff'\n", 'python: replayed');
like($replay->{stderr}, qr/^\[\S+ .*p\xe9\\nq\.py:3\] 4$/m, '--print finds its file')
    or diag $replay->{stderr};
$replay = run(
    {dir => $odd, stdin => "b 3\nc\np 10+x\nrstep\nrc\nq\n"}, command('cc-python-replay'),
    '--pdb', $slice{p});
like(
    $replay->{stdout} . $replay->{stderr}, qr/q\.py\(3\)f\(\).*\D14\n/s,
    'so does a breakpoint in the debugger'
);
my $dump = run({dir => $odd}, command('cc-log'), 'dump', "o\xe9.plog");
like(
    $dump->{stdout}, qr/^\[\d+\] s\\xe9\\nt\.pl:\d+ write\(1, "4 arg/m,
    'cc-log dump keeps its lines'
);

# ---- outputs that cannot be written: the rest goes on, then the tool says so, and ends with 125 ----

my $full = 'No space left on device';
my %said = (perl => "4 arg\xff\n", python => "5 'arg\\udcff'\n");

sub cannot_write {
    my ($language, $what, @options) = @_;
    my $slice = $language eq 'perl' ? "o\xe9.plog" : $slice{p};
    my $got = run({dir => $odd}, command("cc-$language-replay"), @options, $slice);
    is(
        "$got->{status} $got->{stdout}", "125 $said{$language}",
        "$language, @options: the program's output is whole, the status 125"
    );
    like($got->{stderr}, qr/^cc-$language-replay: \Q$what\E.*: $full/m, 'and what is not is said')
        or diag $got->{stderr};
    return;
}

spew(
    "$odd/h.pl",
    "use Crosscut::Hook qw(on);\nopen our \$out, '>', '/dev/full';\non enter => sub { print {\$out} 1 };\n"
);
spew("$odd/t.py", <<'EOF');
out = open("/dev/full", "w")
def left(frame, event, arg):
    out.write("x")
def lost(frame, event, arg):
    open("/dev/full", "w").write("x")
EOF
cannot_write('perl', "--hook $_->[0]: /dev/full", '--hook', $_->[1])
    for (
    [coverage => 'coverage=out=/dev/full'],
    [callprofile => 'callprofile=out=/dev/full,stacks=s'],
    [callprofile => 'callprofile=out=c,stacks=/dev/full'],
    [calltrace => 'calltrace=out=/dev/full'],
    [audit => 'audit=out=/dev/full'],
    [whowrote => 'whowrote=$ARGV[0],out=/dev/full'],
    ['arguments.pl' => 'arguments.pl=main::f,out=/dev/full']);
cannot_write('python', '--hook coverage: /dev/full', '--hook', 'coverage=out=/dev/full');
cannot_write('python', '--hook exceptions.py: /dev/full', '--hook', 'exceptions.py=out=/dev/full');
cannot_write('perl', "a hook's output", '--hook-output', '/dev/full', '--hook', './h.pl');
cannot_write(
    'python', 'what a hook or tracer wrote is not complete',
    '--hook-output', '/dev/full', '--trace', "t.py:$_"
) for qw(left lost);
cannot_write(
    'perl', '--print-to /dev/full', '--print-to', '/dev/full', '--print',
    "$perl:2:\$_[0]"
);
cannot_write('python', '--print-to /dev/full', '--print-to', '/dev/full', '--print', "$python:3:x");

sub prints_in_vain {
    my (@command) = @_;
    my $got = run(
        {dir => $odd, timeout => 60}, qw(sh -c), 'exec "$@" >/dev/full', 'sh',
        command(shift @command), @command
    );
    is($got->{status}, 125, "@command > /dev/full: 125");
    like($got->{stderr}, qr/^cc-[-a-z]+: .*\boutput\b.*: $full/, 'and why');
    return;
}

prints_in_vain('cc-log', $_, "o\xe9.plog") for qw(dump info stat verify);
prints_in_vain($_, '--help') for qw(cc-log cc-slice cc-record cc-perl-replay cc-python-replay);
prints_in_vain('cc-perl-replay', "o\xe9.plog");
prints_in_vain(qw(cc-slice --list run.vmlog));
prints_in_vain(qw(cc-record -o full.vmlog -- echo x));
ok(-s "$odd/full.vmlog", 'the recording is there all the same');

# ---- limits of this machine: a message that names the limit ----

sub limited {
    my ($limit, $pattern, @command) = @_;
    my $got = run(
        {dir => $odd, timeout => 60}, qw(bash -c),
        "ulimit $limit; exec \"\$@\" 2>&1 | cat; exit \${PIPESTATUS[0]}",
        'bash', command(shift @command), @command
    );
    is($got->{status}, 125, "ulimit $limit, @command: 125");
    like($got->{stdout}, qr/^cc-[-a-z]+: [^\n]*$pattern[^\n]*\n\z/, 'and one line says why');
    return;
}

my @record = qw(cc-record -o limited.vmlog -- echo x);
my @slice = ('cc-slice', 'run.vmlog', '-o', 'limited.plog');
for my $command (\@record, \@slice) {
    limited('-n 16', qr/ulimit -n allows 16 open files, and a machine needs 64/, @{$command});
    limited('-f 1000', qr/ulimit -f allows 1 MB in a file/, @{$command});
    limited(
        '-v 3000000', qr/ulimit -v allows 3072 MB of memory, and a machine needs \d+ MB/,
        @{$command});
}
limited(
    '-n 16', qr/of the slice cannot be opened: Too many open files.*ulimit -n/,
    'cc-perl-replay', "o\xe9.plog"
);
limited('-n 6', qr/Too many open files/, 'cc-python-replay', $slice{p});
limited('-f 10', qr/File too large/, 'cc-perl-replay', "o\xe9.plog");
limited('-f 4', qr/File too large/, qw(cc-log pack run.vmlog -o limited.vmlog));
for my $memory (4 << 20, 70_000) {
    $replay = run(
        {dir => $odd}, 'sh', '-c', "ulimit -v $memory; exec \"\$@\"", 'sh',
        command('cc-perl-replay'), "o\xe9.plog"
    );
    is(
        "$replay->{status} $replay->{stdout}", "0 4 arg\xff\n",
        "a replay needs no more than ulimit -v $memory"
    );
}

# ---- full disks ----

my $plain = scratch('full');
make_path("$plain/small");
spew("$plain/bulk", join '', map { pack 'N', rand 2**32 } 1 .. 100_000)
    ;    # what no file system of 64 KB holds

# Runs a shell line with $S, a file system of so many bytes, and says what is in that afterwards.
sub in_small_filesystem {
    my ($size, $line, @arguments) = @_;
    my $got = run(
        {dir => $plain, timeout => 60}, qw(unshare -m sh -c),
        'mount -t tmpfs -o size=$0 none small || exit 77; export S=$PWD/small; ' . $line
            . '; s=$?; echo "left:" $(ls -A small); exit $s',
        $size, @arguments
    );
    return $got;
}

SKIP: {
    skip 'only root can mount a small file system', 1 if $>;
    skip 'cannot mount here', 1 if in_small_filesystem('64k', 'true')->{status};
    my $is_full =
        qr{^cc-record: the disk that holds \S+small/crosscut-work\.\w+ is full; TMPDIR names another directory\n\z}m;
    $run = in_small_filesystem('64k', 'TMPDIR=$S "$1" -o x.vmlog -- echo x', command('cc-record'));
    like("$run->{status} $run->{stderr}", qr/^125 /, 'no room for the files of a run');
    like($run->{stderr}, $is_full, 'that is said, with the directory');
    $run = in_small_filesystem(
        '3m',
        'TMPDIR=$S "$1" -o x.vmlog -- head -c 8000000 /dev/zero >/dev/null', command('cc-record'));
    like($run->{stderr}, $is_full, 'no room for what it prints: likewise');
    $run = in_small_filesystem('4k', '"$1" -o $S/x.vmlog -- echo x', command('cc-record'));
    is(
        "$run->{status} $run->{stdout}", "125 x\nleft:\n",
        'no room for the recording: nothing is left'
    );
    like($run->{stderr}, qr{^cc-record: \S+small/x\.vmlog: $full\n\z}, 'and that is said');

    spew("$plain/noise", join '', map { pack 'N', rand 2**32 } 1 .. 3_000_000);
    $run = run(
        {dir => $plain, timeout => 60}, command('cc-record'), qw(-o three.vmlog -- sh -c),
        q{perl -e 'print 1'; perl -e 'open F, "noise"; $x = join "", <F>; print length $x'; perl -e 'print 3'}
    );
    my $some = in_small_filesystem('24m', '"$1" three.vmlog -o $S/', command('cc-slice'));
    is($some->{status}, 125, 'no room for one of three slices');
    like(
        $some->{stderr}, qr/^cc-slice: process \d+: [^\n]*no space left on the device/m,
        'that is said'
    );
    like(
        $some->{stdout}, qr/^left: \S+-perl\.plog \S+-perl\.plog$/m,
        'and those that are whole stay'
    ) or diag $some->{stdout}, $some->{stderr};
}

# ---- what others have left ----

make_path("$odd/crosscut-work.Abc123");
spew("$odd/crosscut-work.Abc123/job.image", '');
truncate "$odd/crosscut-work.Abc123/job.image", 5 << 30;
$run = run(
    {dir => $odd, timeout => 60}, command('cc-record'), qw(-o left.vmlog -- sh -c),
    'ls -d cross*'
);
is(
    $run->{stdout}, '',
    'an image that a killed cc-record left below the working directory is not taken for a part of it'
) or diag $run->{stderr};

done_testing;
