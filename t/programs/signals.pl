#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Signals that a program sends itself: %SIG by name and by reference, local handlers, die in a
# handler, nested ones, ignored and blocked ones, __WARN__ and __DIE__.
use strict;
use warnings;

use POSIX qw(:signal_h);

my @log;
local $SIG{USR1} = sub { push @log, "USR1 as $_[0]" };
local $SIG{USR2} = 'named_handler';

sub named_handler {
    push @log, 'named ' . shift;
    kill USR1 => $$;
    push @log, 'named is done';
    return;
}

sub report { print "$_[0]: ", join(', ', @log), "\n"; @log = (); return }

kill USR1 => $$;
report('kill');
kill USR2 => $$;
report('nested');
kill 'USR1', $$, $$;
report('twice');
syscall 62, $$, SIGUSR1; # kill
my $written = "by syscall\n";
$| = 1;
syscall 1, fileno STDOUT, $written, length $written;
report('syscall');
{
    local $SIG{USR1} = 'IGNORE';
    kill USR1 => $$;
    report('ignored');
}
my $caught = eval {
    local $SIG{HUP} = sub { die "hung up at " . time . "\n" };
    kill HUP => $$;
    push @log, 'not reached' for 1 .. 2;
    1;
} ? 'nothing' : $@;
print "die in a handler: $caught";
{
    local $SIG{INT} = sub { my @frames = caller 0; push @log, "INT in line $frames[2]"; rand };
    kill INT => $$;
    my $sum = 0;
    $sum += $_ for 1 .. 100;
    report('caller');
}

my $set = POSIX::SigSet->new(SIGUSR1);
my $old = POSIX::SigSet->new;
sigprocmask(SIG_BLOCK, $set, $old) or die "sigprocmask: $!";
kill USR1 => $$;
push @log, 'blocked';
my $pending = POSIX::SigSet->new;
sigpending($pending) or die "sigpending: $!";
push @log, 'pending ' . $pending->ismember(SIGUSR1);
sigprocmask(SIG_SETMASK, $old) or die "sigprocmask: $!";
report('unblocked');

local $SIG{__WARN__} = sub { push @log, 'warned: ' . $_[0] =~ s/\s+\z//r };
local $SIG{__DIE__} = sub { push @log, 'dying: ' . $_[0] =~ s/\s+\z//r };
warn "process $$";
my $undefined;
my $text = "undefined: $undefined";
eval { die {code => $$} };
report('pseudo signals');
print 'signals known: ', join(' ', (grep { defined $SIG{$_} } keys %SIG)), "\n";
print 'handlers: ', ref $SIG{USR1}, ' ', $SIG{USR2}, ' ', $SIG{TERM} // 'default', "\n";
print 'kill 0: ', kill(0 => $$), ' ', kill(0 => 2**22 + 5), " $!\n";
