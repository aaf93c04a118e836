# SPDX-License-Identifier: GPL-2.0-or-later
# System calls by their numbers.
use strict;
use warnings;

my ($none, $one, $buffer, $limit) = (0, "to stdout\n", "\0" x 4096, "\0" x 16);
my $new = pack 'QQ', 20, 4096;
print syscall(302, 0, 7, $new, $limit), ' ', join(',', unpack 'QQ', $limit), "\n";    # prlimit64: RLIMIT_NOFILE
my @files;
while (open my $file, '<', '/dev/null') { push @files, $file }
print scalar(@files), " $!\n";
@files = ();

my ($missing, $path, $text, $stat) = ('missing', 'by-number.txt', "through syscall\n", "\0" x 144);
my $file = syscall 2, $path, 0101, 0644;
print syscall(1, $file, $text, length $text), ' ', syscall(3, $file), ' ', syscall(4, $path, $stat), "\n";
print +(unpack 'Q6', $stat)[2], ' ', syscall(21, $missing, 0), " $!\n";
my $length = syscall 79, $buffer, 4096;
print syscall(1, 1, $one, length $one), ' ', substr($buffer, 0, $length - 1) =~ m{\A/}, "\n";
my $pair = "\0" x 8;
syscall 293, $pair, 0;
my $count = pack 'i', 0;
my ($in, $out) = unpack 'ii', $pair;
print syscall(1, $out, $one, 4), ' ', syscall(16, $in, 0x541b, $count), unpack('i', $count), "\n";
print syscall(0, $in, $buffer, 100), substr($buffer, 0, 4), ' ', syscall(72, $in, 1030, 50), ' ', syscall(5000), "\n";
my ($time, $sleep, $mask) = ("\0" x 16, pack('qq', 0, 1000), "\0" x 128);
print syscall(35, $sleep, $none), ' ', syscall(96, $time, $none), ' ', join('.', unpack 'qq', $time), "\n";
print syscall(204, 0, 128, $mask), unpack('b8', $mask), ' ', syscall(63, $buffer), substr($buffer, 0, 5), ' ',
    syscall(99, $buffer), "\n";
