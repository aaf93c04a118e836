#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# printf and sprintf, write and formats with a page header, pack and unpack, numbers as text.
use strict;
use warnings;

our ($name, $number, $text, $page) = ('');

format STDOUT_TOP =
Name       Number  Text                     Page @<
$%
---------- ------- ------------------------
.
format STDOUT =
@<<<<<<<<< @>>>>>> ^<<<<<<<<<<<<<<<<<<<<<<<
$name,     $number, $text
~~                 ^<<<<<<<<<<<<<<<<<<<<<<<
                   $text
.
format SUMMARY =
@||||||||||||| @####.## @*
$name, $number, $text
.

$= = 20;
for my $line (1 .. 12) {
    ($name, $number) = ("name $line", int rand 100_000);
    $text = join ' ', map {"word$_"} 1 .. 1 + rand 9;
    write;
}
($name, $number, $text) = ('total', rand 1000, "of $$\nin two lines");
$~ = 'SUMMARY';
write;
print 'lines left: ', $-, ', page ', $%, "\n";

printf "%s|%5s|%-5s|%05d|%+d|%x|%X|%#o|%b|%e|%g|%.3f|%c|%%|%vd\n", 'a', 'b', 'c', 42, 42, 255, 255,
    8, 5,
    12345.678, 0.0001234, 3.14159, 65, '1.22.333';
printf "%2\$s %1\$s %3\$*4\$d|%3\$-*4\$d|%5\$.*4\$f\n", 'one', 'two', 6, 4, 2;
printf "%s %s %s %s\n", 1e15, 1e16, 0.1 + 0.2, 1 / 3;
printf "%s %s %s %d\n", 9**9**9, -9**9**9, -sin(9**9**9), 2**53;
printf "%.20g %.0f %a\n", rand, 0.5, 1.5;
print join(' ', map { sprintf '%vd', $_ } '1.2.3', v5.36.0), "\n";
print unpack(
    'H*', pack 'A3 n N v V q> d< w Z5 H4',
    'abcdef', $$, time, 1, 2, -3, 1.5, 300, 'zz', 'beef'
    ),
    "\n";
print join(' ', unpack '(A2)* ', 'aabbcc'), ' ', unpack('%32C*', "checksum of $$"), "\n";
print join(' ', oct '0x1F', oct '0b101', hex 'ff', int -3.7, 10 % 3, -10 % 3, 2**0.5, 7 <=> 3,
    abs -2), "\n";
print "0 but true" + 1, ' ', '3e2' * 2, ' ', "12 " + 0, "\n";
