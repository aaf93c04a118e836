#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# $! as text and number, %!, $^E, $@, $?, errors of opens, and what keeps them.
use strict;
use warnings;

use Errno qw(EACCES EINVAL ENOENT);

for my $path ("/nonexistent-$$", '/', '/proc/self/mem/x', "\0bad", '.' x 5000) {
    no warnings 'syscalls';
    my $opened = open my $handle, '<', $path;
    printf "%.20s: %s, %d, %s\n", $path =~ s/\0/NUL/r, ($opened ? 'opened' : 'failed'), $!, $!;
    print '  ', join(' ', grep { $!{$_} } sort keys %!), "\n";
}
print 'constants: ', join(' ', ENOENT, EACCES, EINVAL), "\n";
my @texts = map { $! = $_; "$!" } 1 .. 40;
print "texts: @texts[0, 1, 10, 38]\n";
$! = 0;
print 'none: <', $!, '> ', $! + 0, "\n";
{
    local $! = ENOENT;
    print "inside: $!\n";
}
print 'outside: <', $! + 0, ">\n";
print 'close twice: ', (close(STDIN) ? 1 : 0), ' ', (close(STDIN) ? 1 : 0), " $!\n";
{
    no warnings;
    print 'print to a closed handle: ', (print {*STDIN} 'x') ? 'printed' : $!, "\n";
}
print 'chdir: ', (chdir("/none-$$") ? 1 : $!), ', exec: ',
    do { no warnings; exec('/none') ? 1 : $! }, "\n";
open my $full, '>', '/dev/full' or die "/dev/full: $!";
print {$full} 'x' x 100;
print 'full: ', (close $full ? 'closed' : $!), "\n";
print 'division: ', (eval { my $zero = 0; 1 / $zero } // $@);
print 'nested: ', (
    eval {
        eval { die "inner $$\n" };
        print "  got $@";
        die "outer\n";
    } // $@
);
print 'method: ', (eval { my $x = 'None'; $x->method } // $@);
print 'object: ', ref(eval { die bless {pid => $$}, 'Oops' } // $@), " $@->{pid}\n";
local $@ = 'kept';
eval {1};
print "eval clears: <$@>, \$^E: ", $^E + 0, "\n";
