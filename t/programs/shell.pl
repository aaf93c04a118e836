#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Other programs: system, backticks, qx in lists, pipes from and to, open2 and open3, $?.
# What others print begins with "child".
use strict;
use warnings;

use File::Temp qw(tempdir);
use IPC::Open2;
use IPC::Open3;
use Symbol qw(gensym);

my $dir = tempdir('shell-XXXXXX', DIR => '.', CLEANUP => 1);

sub status { return sprintf '%d (exit %d, signal %d)', $?, $? >> 8, $? & 127 }

print 'backticks: ', `echo \$\$; date +%s%N`, status(), "\n";
my @lines = `ls -1 /`;
print 'lines: ', scalar @lines, ", first $lines[0]";
print 'no shell: ', qx{uname -s}, 'failing: ', `exit 7;`, status(), "\n";
print 'missing: ', (
    do { no warnings 'exec'; defined `/nonexistent/command` }
    ? 'ran'
    : $!
    ),
    "\n";
print 'system: ', system('exit 3;'), ' ', status(), "\n";
print 'system list: ', system('true'), ' ', system('sh', '-c', 'kill -9 $$'), ' ', status(), "\n";
print 'system missing: ', do { no warnings 'exec'; system('/nonexistent/command', 'x') }, " $!\n";
system 'echo child of system $$';
system 'sh', '-c', 'echo child on stderr 1>&2';
print "after the children\n";

open my $from, '-|', 'sh', '-c', 'for i in 1 2 3; do echo line $i of $$; done; exit 5'
    or die "pipe: $!";
print "from a pipe $.: $_" while <$from>;
print 'close: ', (close $from ? 'fine' : "$!"), ' ', status(), "\n";
my $pid = open $from, 'sort -rn /proc/self/status | head -2 |' or die "pipe: $!";
print "shell $pid: ", <$from>;
close $from or print 'close: ', status(), "\n";

open my $to, '|-', "cat > $dir/copied" or die "pipe: $!";
print {$to} "to a pipe, from $$, ", rand, "\n" for 1 .. 3;
close $to or die 'close: ', status();
open my $in, '<', "$dir/copied" or die "copied: $!";
print <$in>;
close $in or die "copied: $!";
open $to, '|-', 'sed -e "s/^/child says /"' or die "pipe: $!";
print {$to} "$_ of $$\n" for 1 .. 2;
close $to or die 'close: ', status();

$pid = open2(my $reader, my $writer, 'tr a-z A-Z');
print {$writer} "through open2 by $$\n";
close $writer;
print "open2 $pid: ", <$reader>;
waitpid $pid, 0;
print 'open2: ', status(), "\n";
my $error = gensym;
$pid = open3(my $input, my $output, $error, 'sh', '-c',
    'read x; echo out $x; echo err $x >&2; exit 2');
print {$input} "$$\n";
close $input;
print 'open3: ', <$output>, <$error>;
waitpid $pid, 0;
print 'open3: ', status(), "\n";
print 'nobody left: ', wait, " $!\n";
