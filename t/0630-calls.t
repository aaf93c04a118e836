#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Host calls in the corners of their manual pages. Each program is judged by its slice: what it
# prints and how it ends is what the run did.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use Test::More;

my @rows = (
    ['siginfo.pl' => 'a handler with SA_SIGINFO is told who sent the signal'],
    [
        'siginfo.py' =>
            'a C handler of an extension gets siginfo_t and ucontext_t as the kernel gave them'
    ],
    ['select_left.pl' => 'the time that select had left when a signal came'],
    ['failed.py' => 'what calls that failed have written all the same'],
    ['ioctls.py' => 'what requests of ioctl bring, whatever their numbers say'],
    ['storage.py' => 'results in the C library\'s memory stand where they stood, and stay as long'],
    ['padding.py' => 'bytes of structs that nobody looks at make no difference'],
    ['mapped.py' => 'mapped files that are written by calls too, and memory that processes share'],
    [
        'aliases.py' =>
            'files and shared memory that are mapped twice, and mappings that get another size',
        children => 1
    ],
    [
        'atfork.py' => 'handlers of fork run where the run had them, in parent and child',
        children => 1
    ],
    ['walks.py' => 'ftw, fts, scandir and glob call the program as they walk'],
    [
        'stdio.py' =>
            'what printf prints and scanf reads; streams in memory, and of functions of the program'
    ],
    ['sysv.py' => 'shared memory, semaphores and messages of System V'],
    ['ipc.pl' => '... as perl and its modules use them'],
    ['rows.py' => 'many messages at once, handles, tables, ptrace, timers'],
    ['by_number.py' => 'calls by syscall(2) are the functions of these names', status => 3],
    ['numbers.pl' => '... as perl makes them'],
    ['faults.py' => 'calls that are given addresses of nothing'],
    ['quick_exit.py' => 'dprintf prints, quick_exit ends', status => 3],
);

sub row {
    my ($file, $title, %with) = @_;
    my $language = $file =~ /py\z/ ? 'python' : 'perl';
    return {
        name => $file,
        title => $title,
        language => $language,
        interpreter => [$file],
        group => 1,
        %with
    };
}

my @programs = map { row(@{$_}) } grep { chosen($_->[0]) } @rows;
$programs[0]{prepare} = sub {
    my ($work) = @_;
    copy("@{[programs]}/calls/$_->{name}", "$work/$_->{name}")
        or die "$_->{name}: $!"
        for @programs;
};
vm_group('calls', @programs);

my $unknown = vm_record(
    'unknown',
    [qw(sh run.sh)],
    files => {
        'run.sh' =>
            "python3 option.py; python3 number.py; python3 twice.py; python3 dropped.py; python3 thread.py\n",
        'thread.py' =>
            "import ctypes, struct\ncalled = ctypes.CFUNCTYPE(None, ctypes.c_long)(lambda value: None)\n"
            . "event = struct.pack('qiiQ32x', 5, 0, 2, ctypes.cast(called, ctypes.c_void_p).value)\n"
            . "ctypes.CDLL(None).timer_create(1, event, ctypes.byref(ctypes.c_void_p()))\n",
        'twice.py' =>
            "import mmap, os\nfd = os.open('f', os.O_RDWR | os.O_CREAT)\nos.ftruncate(fd, 4096)\n"
            . "one, two = mmap.mmap(fd, 4096), mmap.mmap(fd, 4096, access=mmap.ACCESS_COPY)\none[0] = 7\nprint(two[0])\n",
        'dropped.py' =>
            "import mmap, os\nfd = os.open('g', os.O_RDWR | os.O_CREAT)\nos.ftruncate(fd, 4096)\n"
            . "area = mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE)\narea[0] = 7\narea.madvise(mmap.MADV_DONTNEED)\n",
        'option.py' =>
            "import ctypes\np = ctypes.c_void_p()\nctypes.CDLL(None).prctl(40, ctypes.byref(p))\n",
        'number.py' =>
            "import ctypes\np = ctypes.create_string_buffer(128)\nctypes.CDLL(None).syscall(218, p)\n"
    });
my $slices =
    run({timeout => 300}, command('cc-slice'), $unknown->{log}, '-o', scratch('unknown') . '/');
for my $what (
    qr/thread[.]py:4: timer_create with SIGEV_THREAD, which starts threads of the C library's own,/,
    qr/option[.]py:3: prctl with option=40 \(0x28\)/,
    qr/number[.]py:3: syscall with number=218 \(0xda\)/
) {
    like(
        $slices->{stderr},
        qr/$what is not modelled: what it brings is not known/,
        'a number that is not listed is refused by name'
    );
}
like(
    $slices->{stderr},
    qr/twice[.]py:6: a file is mapped twice, once for this process alone and once to write it: that is not modelled/,
    '... so is a private mapping of a file that another mapping writes'
);
like(
    $slices->{stderr},
    qr/dropped[.]py:6: madvise with MADV_DONTNEED or MADV_REMOVE of a file's mapping is not modelled/,
    '... and what takes pages away'
);

# What is stored at one address of a page stands at the other in a session's copies, too, at every
# moment.
my $shared = vm_record(
    'shared',
    [qw(python3 shared.py)],
    files => {
        'shared.py' =>
            "import mmap\nimport os\nfd = os.open('f', os.O_RDWR | os.O_CREAT)\nos.ftruncate(fd, 4096)\n"
            . "one, two = mmap.mmap(fd, 4096), mmap.mmap(fd, 4096)\none[0] = 1\ntwo[0]\n"
            . "for i in range(200000):\n    one[0] = i % 251\n    two[1] = (one[1] + 1) % 256\nprint(two[0], one[1])\n"
    });
my $slice = scratch('shared') . '/shared.pylog';
run({timeout => 120}, command('cc-slice'), $shared->{log}, '-o', $slice);
my $session = run({
        stdin =>
            "b 11\nc\np two[0], one[1]\nrs\nrs\nrs\np i, two[0], one[1]\nn\np two[0], one[1]\nn\np two[1], one[1]\nc\nq\n"
    },
    command('cc-python-replay'),
    '--pdb',
    $slice
);
is(
    join(' ', $session->{stdout} =~ /^\(Pdb\) (\([\d, ]+\))$/mg),
    '(203, 64) (199999, 202, 63) (203, 63) (64, 64)',
    'a page that has two addresses, in a session that goes back'
) or diag $session->{stdout}, $session->{stderr};

done_testing;
