#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever reaches the run's stdout or stderr comes out of the replay, in order: which file a
# descriptor is, the guest's kernel was asked at each write. What went into a pipe or a file of the
# process's own is told of, and shown on demand.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $programs = "$FindBin::Bin/programs/outputs";

# A row of a group: a program of either language.
sub row {
    my ($file, $title, %with) = @_;
    my ($language) = $file =~ /py\z/ ? 'python' : 'perl';
    return {
        title => $title,
        language => $language,
        group => 1,
        name => $file,
        interpreter => [$file],
        files => {$file => slurp("$programs/$file")},
        %with
    };
}

vm_group(
    'outputs',
    row('moves.py', 'sendfile, splice, tee, vmsplice: bytes that only the kernel had'),
    row(
        'opens.py',
        'python: /dev/stdout, /proc/self/fd/1, a logging handler, high descriptors, over a socket'
    ),
    row('inherited.py', 'FIOCLEX, FIONCLEX, close_range: what is open after exec'),
    row('library.py', 'what the C library writes by itself, more of it than one record holds'),
    row('large.py', 'a read and a write of 70 MiB: more than a record holds'),
    row(
        'opens.pl', 'perl: /dev/stdout, /proc/self/fd/1, dup2, POSIX::write; a child',
        children => 1
    ));

# ---- a process's own pipes and files -----------------------------------------------------------

my $own = vm_record(
    'own',
    [
        'sh', '-c',
        'mkdir there; perl piped.pl | cat; perl piped.pl >out.txt 2>&1; python3 piped.py >/dev/null; '
            . 'python3 piped.py 2>>there/err.txt; (python3 piped.py) >&2; python3 fatal.py; python3 together.py; python3 ring.py'
    ],
    files =>
        {map { ($_ => slurp("$programs/$_")) } qw(piped.pl piped.py fatal.py together.py ring.py)});
my $dir = scratch('own-slices');
my $said = run({timeout => 300}, command('cc-slice'), $own->{log}, '-o', "$dir/");
is($said->{status}, 125, 'two of them cannot be sliced');

# The slices of a program, in the order in which its processes began.
sub slices_of {
    my ($name) = @_;
    my %slices = map { m{/(\d+)-[^/]+\z} ? ($1 => $_) : () } glob "$dir/*-$name.*log";
    return map { $slices{$_} } sort { $a <=> $b } keys %slices;
}

sub told {
    my ($slice, $says, $stdout, $stderr, $name) = @_;
    return subtest $name => sub {
        my $told = replay($slice);
        my ($line) = $told->{stderr} =~ /^cc-\w+-replay: (.*)$/m;
        like($line // 'nothing', $says, 'where it went is told');
        my $shown = replay($slice, options => ['--show-output']);
        is($shown->{status}, 0, 'and is shown on demand') or diag($shown->{stderr});
        is($shown->{stdout}, $stdout, 'what went to its stdout');
        is($shown->{stderr}, $stderr, 'what went to its stderr, and no word more');
        return;
    };
}

my ($perl_out, $perl_err, $python_out, $python_err) =
    ("anew\nprinted\n", "complained\n", "written\nputs\n", "complained\n");
my ($pipe, $file) = slices_of('piped.pl');
my ($null, $error, $runs) = slices_of('piped.py');
told(
    $pipe, qr/\Ain the run, the standard output went into a pipe: --show-output/, $perl_out,
    $perl_err,
    'perl p.pl | cat'
);
told(
    $file, qr{output went into /\S+/out[.]txt: }, "complained\n$perl_out", '',
    'perl p.pl >out.txt 2>&1'
);
told($null, qr{output went into /dev/null: }, $python_out, $python_err, 'python3 p.py >/dev/null');
told(
    $error, qr{the standard error went into /\S+/there/err[.]txt: }, $python_out, $python_err,
    'python3 p.py 2>>there/err.txt'
);
told(
    $runs, qr/\Anothing\z/, '', "written\ncomplained\nputs\n",
    q{python3 p.py >&2, the run's own: no word}
);

my $fatal = replay(slices_of('fatal.py'));
is(
    "$fatal->{status} $fatal->{stdout}$fatal->{stderr}",
    "134 before\npython3: file.c:7: function: Assertion `1 == 2' failed.\n",
    'the C library ends the program: its message is shown'
);

# ---- refused, by name ----------------------------------------------------------------------------

like(
    $said->{stderr},
    qr/together[.]py:\d+: another process wrote to the run's output while the kernel moved bytes/,
    'bytes that are moved while another process writes'
);
like($said->{stderr}, qr/ring[.]py:6: syscall.*SYS_io_uring_setup.* is not modelled/, 'io_uring');

done_testing();
