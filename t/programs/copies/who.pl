# What a process knows of itself, told by the process at several points of its life.
use strict;
use warnings;
use Cwd qw(getcwd);
use POSIX ();
use Sys::Hostname qw(hostname);

sub who {
    return join ' ', $$, getppid, getpgrp, $<, $>, $(, $), getcwd, hostname, (POSIX::uname())[0 .. 2], POSIX::getpid(), getpriority 0, 0;
}

sub tell_of { my ($known) = @_; print "$known\n"; return }

our $begin = time;
tell_of(who());
chdir '/usr' or die $!;
sleep 3;
my $now = time;
tell_of(who());
$( = 12;
$) = '13 13 8';
($<, $>) = (1000, 1001);
tell_of(who());
my $child = fork // die;
if (!$child) {
    POSIX::setpgid(0, 0);
    tell_of(who());
    POSIX::_exit(0);
}
waitpid $child, 0;
