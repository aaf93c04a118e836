#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What belongs to the machine and to the C library itself is the run's in a replay: the processor
# that code is picked by, what tunes the C library, limits of memory, its own messages and system
# calls.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my @rows = ({
        title => 'numbers of libm are those of the processor that the run had',
        name => 'libm',
        language => 'python',
    },
    {
        title => 'GLIBC_TUNABLES of the run tune the replay, too',
        name => 'tunables',
        env => {GLIBC_TUNABLES => 'glibc.malloc.tcache_count=0:glibc.malloc.mmap_threshold=200000'},
    },
    {
        title => '... beside a choice of processor features of its own',
        name => 'tunables',
        env => {
            GLIBC_TUNABLES => 'glibc.cpu.hwcaps=-SSE4_2:glibc.malloc.tcache_max=64',
            MALLOC_TOP_PAD_ => 65536
        },
    },
    {
        title => 'memory and threads that the kernel refused',
        name => 'limits',
        language => 'python',
    },
    {
        title => 'what functions of the calendar leave in the C library\'s data',
        name => 'zones',
        language => 'python',
    },
    {
        title => 'functions that make system calls inside, which are no host calls',
        name => 'inner-calls',
        language => 'python',
    });

# A locale whose character set is code that the C library loads.
sub latin {
    my ($work) = @_;
    return run(
        {timeout => 120}, qw(localedef --no-archive -i de_DE -f ISO-8859-1),
        "$work/de_DE.ISO-8859-1"
    );
}

if (-d '/usr/share/i18n/locales') {
    push @rows,
        map {
        {
            title => "a character set of 8 bits ($_)",
            name => 'charsets',
            language => $_,
            env => {LOCPATH => '.', LC_ALL => 'de_DE.ISO-8859-1'},
            prepare => \&latin,
        }
        } qw(python perl);
}
else {
    diag('the package locales is not installed: no character set of 8 bits is tried');
}

if (run({}, '/usr/bin/python3.11', '-c', 'import numpy')->{status} eq '0') {
    push @rows, {
        title => 'numbers of numpy are those of the processor that the run had',
        name => 'numbers-numpy',
        language => 'python',
    };
}
else {
    diag('the package python3-numpy is not installed: its numbers are not compared');
}

# Of both languages in one recording: each program is a file of it.
sub in_group {
    my ($row) = @_;
    my $python = ($row->{language} // '') eq 'python';
    my $file = $row->{name} . ($python ? '.py' : '.pl');
    my %files = (
        $file => slurp(programs() . ($python ? "/python/$file" : "/$file")),
        %{$row->{files} // {}});
    return {%{$row}, interpreter => [$file], files => \%files, group => 1};
}

vm_group('rules', map { in_group($_) } @rows);
# Replayed under a limit of the address space: that works, or says why not.
sub limited {
    my ($kilobytes, $process) = @_;
    my ($kind) = $process->{slice} =~ /\.(plog|pylog)\z/;
    my $replayer = command($kind eq 'plog' ? 'cc-perl-replay' : 'cc-python-replay');
    return run(
        {}, 'sh', '-c', "ulimit -v $kilobytes; exec \"\$0\" \"\$1\"", $replayer,
        $process->{slice});
}

subtest 'limits of address space, in the run and in the replay' => sub {
    my $python = '/usr/bin/python3.11';
    my $run = vm_record('limits', ['sh', '-c', <<"END"]);
perl -e 'my \$x = "x" x 150_000_000; print length \$x, "\\n"'
$python -c 'print(len([bytes(900) for _ in range(150000)]))'
ulimit -v 60000
$python -c 'print(len([bytes(900) for _ in range(150000)]))'
perl -e 'my \@x; push \@x, "x" x 1000 while 1'
true
END
    my @large = grep { $_->{slice} } vm_slices($run->{log});
    my @failing = splice @large, 2;
    for my $process (@large) {
        like(limited(4_000_000, $process)->{stdout}, qr/\A150000/, 'replayed under 4 GB');
        my $refused = limited(90_000, $process);
        is($refused->{status}, 125, '... and under less than it takes: refused');
        like(
            $refused->{stderr}, qr/refuses \d+ kB of memory that the run got: see ulimit -v/,
            '... as it says'
        );
        like(
            limited(10_000, $process)->{stderr}, qr/limited to 10000 kB here \(ulimit -v\)/,
            '... never run for real'
        );
    }
    my @messages = (qr/MemoryError/, qr/\AOut of memory!/);
    for my $process (@failing) {
        my $replayed = replay($process->{slice});
        is($replayed->{status}, 1, 'what memory was too little for in the run fails again');
        like($replayed->{stderr}, shift @messages, '... with what it said');
    }
};

# What the shell has to say of how its children end is not theirs.
subtest 'programs that the C library ends' => sub {
    my $python = '/usr/bin/python3.11';
    my $run = vm_record(
        'aborts', ['sh', '-c', "$python double-free.py; $python double-free.py overflow; true"],
        language => 'python',
        programs => ['double-free']);
    my ($free, $overflow) = grep { $_->{slice} } vm_slices($run->{log});
    for my $case ([$free, qr/^(double free .*\n)/m], [$overflow, qr/^(.*terminated\n)/m]) {
        my ($process, $message) = @{$case};
        my ($said) = $run->{stderr} =~ $message;
        my $expected = {stdout => "begun\n", stderr => $said, status => 134};
        same(
            replay($process->{slice}), $expected,
            'replayed: its message and its status are the run\'s'
        );
    }
};

done_testing;
