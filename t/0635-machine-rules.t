#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What belongs to the machine and to the C library itself is the run's in a replay: the processor that code is picked by,
# what tunes the C library, limits of memory, its own messages and system calls.
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
    }, {
        title => 'GLIBC_TUNABLES of the run tune the replay, too',
        name => 'tunables',
        env => {GLIBC_TUNABLES => 'glibc.malloc.tcache_count=0:glibc.malloc.mmap_threshold=200000'},
    }, {
        title => '... beside a choice of processor features of its own',
        name => 'tunables',
        env => {
            GLIBC_TUNABLES => 'glibc.cpu.hwcaps=-SSE4_2:glibc.malloc.tcache_max=64',
            MALLOC_TOP_PAD_ => 65536
        },
    }, {
        title => 'functions that make system calls inside, which are no host calls',
        name => 'inner-calls',
        language => 'python',
    });

# A locale whose character set is code that the C library loads.
sub latin {
    my ($work) = @_;
    return run({timeout => 120}, qw(localedef --no-archive -i de_DE -f ISO-8859-1), "$work/de_DE.ISO-8859-1");
}

if (-d '/usr/share/i18n/locales') {
    push @rows,
        map { {
            title => "a character set of 8 bits ($_)",
            name => 'charsets',
            language => $_,
            env => {LOCPATH => '.', LC_ALL => 'de_DE.ISO-8859-1'},
            prepare => \&latin,
        } } qw(python perl);
}
else {
    diag('the package locales is not installed: no character set of 8 bits is tried');
}

# Of both languages in one recording: each program is a file of it.
sub in_group {
    my ($row) = @_;
    my $python = ($row->{language} // '') eq 'python';
    my $file = $row->{name} . ($python ? '.py' : '.pl');
    my %files = ($file => slurp(programs() . ($python ? "/python/$file" : "/$file")), %{$row->{files} // {}});
    return {%{$row}, interpreter => [$file], files => \%files, group => 1};
}

vm_group('rules', map { in_group($_) } @rows);
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
        same(replay($process->{slice}), $expected, 'replayed: its message and its status are the run\'s');
    }
};

done_testing;
