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
        env => {GLIBC_TUNABLES => 'glibc.cpu.hwcaps=-SSE4_2:glibc.malloc.tcache_max=64', MALLOC_TOP_PAD_ => 65536},
    });

# Of both languages in one recording: each program is a file of it.
sub in_group {
    my ($row) = @_;
    my $python = ($row->{language} // '') eq 'python';
    my $file = $row->{name} . ($python ? '.py' : '.pl');
    my %files = ($file => slurp(programs() . ($python ? "/python/$file" : "/$file")), %{$row->{files} // {}});
    return {%{$row}, interpreter => [$file], files => \%files, group => 1};
}

vm_group('rules', map { in_group($_) } @rows);
done_testing;
