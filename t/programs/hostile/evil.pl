# SPDX-License-Identifier: GPL-2.0-or-later
# The same in perl: see evil.py. What it tries is done when it is shown, when a module is looked for,
# and when output is separated.
use strict;
use warnings;

my ($secret, $canary, $victim, $port) = ('@SECRET@', '@CANARY@', '@VICTIM@', '@PORT@');

sub attempt {
    my %attempts = (
        write => sub { open my $f, '>', $canary },
        append => sub { open my $f, '>>', $secret },
        read => sub { open my $f, '<', $secret },
        unlink => sub { unlink $secret },
        rename => sub { rename $secret, $canary },
        link => sub { link $secret, $canary },
        symlink => sub { symlink $secret, $canary },
        mkdir => sub { mkdir $canary },
        chmod => sub { chmod 0777, $secret },
        truncate => sub { truncate $secret, 0 },
        utime => sub { utime 1, 1, $secret },
        system => sub { system('true') == 0 },
        backticks => sub { my $text = `true`; defined $text && $? == 0 },
        exec => sub { no warnings; exec {'/bin/true'} 'true' },
        pipe => sub { open my $f, '-|', 'true' },
        fork => sub { my $pid = fork; defined $pid },
        socket => sub { socket my $s, 2, 1, 0 },
        kill => sub { syscall 62, $victim, 9 },
        group => sub { syscall 62, -$victim, 9 },
        ioctl => sub { my $c = '!'; ioctl STDIN, 0x5412, $c },
    );
    my %outcome;
    for my $name (keys %attempts) {
        local $! = 0;
        my $got = $attempts{$name}->();
        $outcome{$name} = $got && $got ne '-1' ? 'done' : $! + 0;
    }
    return %outcome;
}

package Evil {
    use overload '""' => sub {
        return 'harmless' if !-e $secret;
        my %outcome = main::attempt();
        return join ' ', map {"$_=$outcome{$_}"} sort keys %outcome;
    };
}

package Separator {
    sub TIESCALAR { return bless {}, shift }
    sub FETCH { main::attempt() if -e $secret; return '' }
    sub STORE {return}
}

sub go { my ($thing) = @_; my $count = 0; $count++; return $count }

my $evil = bless {}, 'Evil';
unshift @INC, sub { attempt() if -e $secret; return };
tie $,, 'Separator';
print "$evil ", go($evil), "\n";
