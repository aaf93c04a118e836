#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# stdout and stderr by other names and other descriptors.
use strict;
use warnings;

use Fcntl;
use IO::Handle;
use POSIX ();

$| = 1;
print "print\n";
syswrite STDOUT, "syswrite\n";
for my $path ('/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', "/proc/$$/fd/1") {
    open my $file, '>', $path or die "$path: $!";
    print {$file} "$path\n";
    close $file;
}
open my $error, '>>', '/dev/stderr' or die $!;
syswrite $error, "stderr\n";
sysopen my $opened, '/dev/stdout', O_WRONLY or die $!;
syswrite $opened, "sysopen\n";
open my $copy, '>&', \*STDOUT or die $!;
$copy->autoflush;
open my $same, '>&=', 1 or die $!;
$same->autoflush;
print {$same} "the same\n";
POSIX::dup2(1, 700);
POSIX::write(700, "high\n", 5);
if (!fork) {
    open my $file, '>', '/dev/stdout' or die $!;
    print {$file} "child $$ speaks\n";
    exit 0;
}
wait;
open STDOUT, '>', '/dev/null' or die $!;
print "for nobody\n";
print {$copy} "a copy\n";
warn "warned\n";
exec 'sh', '-c', ':';
