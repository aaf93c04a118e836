# SPDX-License-Identifier: GPL-2.0-or-later
# A hook in Perl that does what might disturb a replay.
use strict;
use warnings;

use Crosscut::Hook qw(on stack variable);
use POSIX ();

my ($count, @kept) = (0);

sub work {
    local @ARGV = ('/etc/hostname');
    my @lines = <>;
    require JSON::PP;
    my $json = JSON::PP->new->encode({now => time, random => rand, lines => \@lines});
    $ENV{LANG} = $json;
    chdir '/' or die "/: $!";
    my $now = `date`;
    system 'true';
    my $child = fork // die "fork: $!";
    POSIX::_exit(0) if !$child;
    waitpid $child, 0;
    @INC = ();
    return;
}

# Allocates, keeps what it is shown, iterates, divides by zero.
sub hoard {
    my (@arguments) = @_;
    push @kept, [@arguments, stack(), map { variable($_) } qw($_ @_ %ENV %INC $a)];
    $kept[-1][0] = $kept[-1];
    srand 1;
    $! = 3;
    eval { my $x = 1 / ($count - $count) };
    @kept = () if $count % 100 == 0;
    work() if ++$count % 2000 == 1;
    return;
}

on $_ => \&hoard for qw(statement enter leave exception host_call host_called);
on enter => sub { die "enough\n" if $count > 300 };
on leave => sub { exit 9 if $count > 300 };

1;
