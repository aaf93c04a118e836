#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A slice's own code runs where a past run is looked at: in copies, as something is shown, as a module
# is found. What it tries there does not reach this machine, and neither does what a module of the
# slice tries beside hooks, tracers and prints.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Test::More;

my $dir = scratch('evil');
my ($canary, $secret) = ("$dir/canary", "$dir/secret");
my $sources = programs() . '/hostile';
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', Blocking => 0)
    or die "no socket: $@";
my $victim = fork // die "fork: $!";
if (!$victim) {
    setpgrp;
    exec qw(sleep 600) or POSIX::_exit(1);
}

my %place = (SECRET => $secret, CANARY => $canary, VICTIM => $victim, PORT => $listener->sockport);
my $run = vm_record(
    'evil',
    ['sh', '-c', 'python3 evil.py; perl evil.pl'],
    files =>
        {map { ($_ => slurp("$sources/$_") =~ s/\@([A-Z]+)\@/$place{$1}/gr) } qw(evil.py evil.pl)});
succeeds($run, 'two programs are recorded');
is($run->{stdout}, "harmless 1\nharmless 1\n", 'which do nothing of note');
my ($python, $perl) = sort { $a->{pid} <=> $b->{pid} } grep { $_->{slice} } vm_slices($run->{log});
spew($secret, "the secret\n");
chmod 0600, $secret;

sub processes { return join ' ', split /\n/, run({}, qw(pgrep -f evil[.]p))->{stdout} }

# Everything is as it was.
sub untouched {
    my ($what) = @_;
    ok(!-e $canary, "$what: nothing was written") or unlink $canary;
    is(slurp($secret), "the secret\n", "$what: what was there is as it was");
    is(sprintf('%o', (stat $secret)[2] & oct 777), '600', "$what: so is its mode");
    ok(!$listener->accept, "$what: nobody has called");
    ok(!waitpid($victim, WNOHANG), "$what: no process was ended");
    is(processes(), '', "$what: no process is left");
    return;
}

# What the program's code says of itself: by name of what it tried.
sub tried {
    my ($process, $what, @options) = @_;
    my $replay = replay($process->{slice}, options => \@options, timeout => 120);
    is($replay->{status}, 0, "$what: the replay goes on to its end") or diag($replay->{stderr});
    is($replay->{stdout}, "harmless 1\n", "$what: and the run is as it was");
    my @refused = refusals($replay);
    my ($line) = $replay->{stderr} =~ /^\[[^\]]*\] (.*=.*)$/m;
    my %outcome = map { /\A(\w+)=(\w+)\z/ ? ($1 => $2) : () } split / /, $line // '';
    return (\%outcome, @refused);
}

# ---- as an object is shown ---------------------------------------------------------------------

my ($outcome, @refused) = tried($python, 'a print of python', '--print', 'evil.py:95:repr(thing)');
is_deeply(
    {map { $outcome->{$_} eq 'EPERM' ? () : ($_ => $outcome->{$_}) } keys %{$outcome}},
    {}, 'whatever it asks the kernel for, it is not permitted'
);
cmp_ok(scalar(keys %{$outcome}), '>', 50, 'more than fifty ways');
ok((grep { $_ eq "writing $canary" } @refused), 'which is told');
cmp_ok(scalar(@refused), '<=', 16, 'and not for ever');
untouched('a print of python');

($outcome, @refused) = tried($perl, 'a print of perl', '--print', 'evil.pl:55:"$thing"');
is_deeply(
    {map { $outcome->{$_} eq '1' ? () : ($_ => $outcome->{$_}) } keys %{$outcome}},
    {kill => 3, group => 3}, 'perl: neither is what it tries; other processes are not there'
);
cmp_ok(scalar(keys %{$outcome}), '>=', 19, 'twenty ways');
untouched('a print of perl');

# ---- as nothing is asked but to leave ----------------------------------------------------------

for my $row ([$python, '--pdb'], [$perl, '-d']) {
    my ($process, $option) = @{$row};
    for my $typed (
        "q\n", "p 1\nq\n",
        "b go\nc\np thing\np \$thing\nimport json\nuse Text::Wrap\nq\n"
    ) {
        my $said = replay($process->{slice}, options => [$option], stdin => $typed, timeout => 120);
        is($said->{status}, 0, "$option: the session ends") or diag($said->{stderr});
        untouched("$option " . $typed =~ s/\n/; /gr);
    }
}

# ---- with everything that runs beside the program ----------------------------------------------

my $hooks = "$FindBin::Bin/hooks";
for my $row (
    [$python, '--hook', 'coverage'],
    [$python, '--hook', "$hooks/hostile_hook.py"],
    [$python, '--trace', "$hooks/hostile.py:hoards"],
    [$perl, '--hook', 'calltrace'],
    [$perl, '--hook', "$hooks/hostile.pl"],
    [$python, '--print', 'evil.py:95:1', '--print-if', 'repr(thing)'],
    [$perl, '--print', 'evil.pl:55:1', '--print-if', '"$thing"']
) {
    my ($process, @options) = @{$row};
    my $replay = replay($process->{slice}, options => \@options, timeout => 120);
    is($replay->{stdout}, "harmless 1\n", "@options: the run is as it was");
    untouched("@options");
}

# ---- what a user's own files do ----------------------------------------------------------------

# As with perl -d itself, .perldb here is read; it is kept from this machine like all of a copy.
my $here = scratch('settings');
spew("$here/.perldb", "print STDERR qq(settings are read\\n); open F, '>', '$canary';\n");
my $said = replay($perl->{slice}, options => ['-d'], dir => $here, stdin => "q\n");
like($said->{stderr}, qr/^settings are read$/m, './.perldb is read');
is_deeply(
    [grep {/\Awriting \Q$canary\E\z/} refusals($said)],
    ["writing $canary"], 'and kept from this machine'
);
untouched('./.perldb');

# Who says so gets all of it.
$said = replay(
    $perl->{slice}, options => ['--allow-host', '-d'], dir => $here,
    stdin => "q\n"
);
ok(-e $canary, 'with --allow-host it writes what it likes');
is_deeply([refusals($said)], [], 'and nothing is refused');
unlink $canary;

# ---- who does not want to end ------------------------------------------------------------------

spew("$here/deaf.py", <<'END');
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
os.setpgid(0, 0)
def waits(frame, event, argument):
    while True:
        signal.pause()
END
my $begun = time;
run(
    {dir => $here},
    'timeout', '-s', 'INT', 1, command('cc-python-replay'), '--trace', 'deaf:waits',
    $python->{slice});
cmp_ok(time - $begun, '<', 20, '^C ends a replay that is deaf to it');
untouched('one that is deaf');

kill KILL => $victim;
done_testing;
