#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of any process of ours at any moment: what depends on it ends, the next run works, and
# then nothing is left. CROSSCUT_KILLS=20: so many of each kind; doc/recording.md has such a table.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Crosscut::Test;
use File::Path qw(make_path);
use POSIX qw(WNOHANG setsid);
use Test::More;
use Time::HiRes qw(sleep time);

my $kills = $ENV{CROSSCUT_KILLS} // 2;
my $dir = scratch('killed');
my $temporary = "$dir/tmp";
make_path($temporary);
$ENV{TMPDIR} = $temporary;
srand($ENV{CROSSCUT_SEED} // time);

# ---- processes ----

sub first_line {
    my ($file) = @_;
    open my $in, '<', $file or return '';
    my $line = <$in> // '';
    close $in;
    return $line;
}

# {pid, parent, state, name, start} of each process there is.
sub processes {
    my @all;
    for my $stat (glob '/proc/[0-9]*/stat') {
        my ($pid, $name, $rest) = first_line($stat) =~ /\A(\d+) \((.*)\) (.*)/ or next;
        my @fields = split ' ', $rest;
        push @all,
            {
            pid => $pid, name => $name, state => $fields[0], parent => $fields[1],
            start => $fields[19]};
    }
    return @all;
}

sub descendants {
    my ($root) = @_;
    my (%of, @found);
    push @{$of{$_->{parent}}}, $_ for my @all = processes();
    my @next = grep { $_->{pid} == $root } @all;
    while (my $one = shift @next) {
        push @found, $one;
        push @next, @{$of{$one->{pid}} // []};
    }
    return @found;
}

sub is_alive {
    my ($process) = @_;
    my ($name, $rest) = first_line("/proc/$process->{pid}/stat") =~ /\((.*)\) (.*)/ or return 0;
    my @fields = split ' ', $rest;
    return $fields[0] ne 'Z' && $fields[19] == $process->{start};
}

# Starts a command, kills one of its processes that fits after a while, and waits for the rest. What
# is wrong, or ''.
sub kill_one {
    my ($with) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        setsid();
        chdir $dir;
        open STDIN, '<', $with->{stdin} // '/dev/null' or POSIX::_exit(127);
        open STDOUT, '>', "$dir/said" or POSIX::_exit(127);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(127);
        exec @{$with->{command}} or POSIX::_exit(127);
    }
    sleep rand $with->{seconds};
    my (@all, $victim);
    for (1 .. 200) {
        @all = descendants($pid);
        my @fitting = grep { $with->{fits}->($_, $pid) } @all;
        last if ($victim = $fitting[rand @fitting]) || waitpid($pid, WNOHANG);
        sleep 0.01;
    }
    kill KILL => $victim->{pid} if $victim;
    my $until = time + 60;
    sleep 0.02 while time < $until && waitpid($pid, WNOHANG) == 0;
    my $status = $?;
    sleep 0.02 while time < $until && grep { is_alive($_) } @all;
    my @left = grep { is_alive($_) } @all;
    kill KILL => $_->{pid} for @left;
    return 'left: ' . join ' ', map { $_->{name} } @left if @left;
    return 'too late' if !$victim;
    return '' if $victim->{pid} == $pid || !$with->{status};
    my $said = slurp("$dir/said");
    return 'too late' if !$status && $said eq ($with->{whole} // 'nothing');  # it had done its work
    return $status >> 8 == $with->{status} ? '' : sprintf 'status %d: %s', $status >> 8, $said;
}

# What is in the directory: results only?
sub leftovers {
    my @all = map { glob "$dir/$_" } 'tmp/*', 'tmp/.[a-z]*', '.[a-z]*', '*tmp-*', '*part*';
    return map {s{\A\Q$dir\E/}{}r} @all;
}

my @table;

sub kills {
    my ($what, $with, $again) = @_;
    my %came;
    return if !chosen($what);
    for (1 .. $kills) {
        my $wrong = kill_one($with);
        $came{$wrong}++;
        diag("$what: $wrong") if $wrong && $wrong ne 'too late';
    }
    my $good = ($came{''} // 0) + ($came{'too late'} // 0);
    is($good, $kills, "$what: killed at $kills moments, nothing goes on without it");
    my $works = $again->();
    my @left = leftovers();
    is_deeply(\@left, [], "$what: and nothing is left when the next has run");
    push @table, sprintf '| %s | %d | %d | %d | %s | %s |', $what, $kills, $came{''} // 0,
        $kills - $good,
        $works ? 'works' : 'fails', @left ? "@left" : 'nothing';
    return;
}

my $is_first = sub { my ($process, $pid) = @_; return $process->{pid} == $pid };
my $is_other = sub { my ($process, $pid) = @_; return $process->{pid} != $pid };
my $is_qemu = sub { my ($process) = @_; return $process->{name} =~ /^qemu/ };

# ---- recording and slicing ----

my @record =
    (command('cc-record'), qw(--force -o run.vmlog -- perl -e), 'print "done $_\n" for 1..3');
my @slice = (command('cc-slice'), 'run.vmlog', '-o', 'run.plog');

my $records = sub {
    my $run = run({dir => $dir, timeout => 120}, @record);
    return is(
        "$run->{status} $run->{stdout}", "0 done 1\ndone 2\ndone 3\n",
        'the next recording works'
    ) || !diag($run->{stderr});
};
my $slices = sub {
    my $run = run({dir => $dir, timeout => 120}, @slice);
    my $replay = run({dir => $dir}, command('cc-perl-replay'), 'run.plog');
    return is(
        "$run->{status} $replay->{stdout}", "0 done 1\ndone 2\ndone 3\n",
        'the next slice works'
    ) || !diag($run->{stderr});
};

$records->();
my $start = time;
$records->();
my $seconds = time - $start;
kills('`cc-record`', {command => \@record, fits => $is_first, seconds => $seconds}, $records);
kills(
    'QEMU, recording',
    {
        command => \@record, fits => $is_qemu, seconds => $seconds, status => 125,
        whole => "done 1\ndone 2\ndone 3\n"
    },
    $records
);
$start = time;
$slices->();
$seconds = time - $start;
kills('`cc-slice`', {command => \@slice, fits => $is_first, seconds => $seconds}, $slices);
kills(
    'QEMU, slicing',
    {command => \@slice, fits => $is_qemu, seconds => $seconds / 2, status => 125, whole => ''},
    $slices
);

# ---- replays ----

my ($run, $slice) = live_record('busy', [], source => <<'EOF');
my (%seen, $sum);
for my $i (1 .. 400_000) { $seen{$i % 1000} += $i; $sum += length "x$i"; }
print "$sum\n";
EOF
succeeds($run, 'a program that takes a while') or diag $run->{stderr};

my $replays = sub {
    my $replay = run({dir => $dir}, command('cc-perl-replay'), $slice);
    return is($replay->{stdout}, $run->{stdout}, 'the next replay works');
};
my $debugs = sub {
    my $session = run(
        {dir => $dir, stdin => "b 3\nc\np \"sum \$sum\"\nq\n", timeout => 60},
        command('cc-perl-replay'), '-d', $slice
    );
    return like($session->{stdout} . $session->{stderr}, qr/sum \d{7}/, 'the next session works');
};
spew("$dir/commands", "b 3\nc\nrc\nn\nrs\nrs\np \$sum\nw \$sum\nrc\nc\nrc\nc\nrc\nc\nrc\nq\n");
my @replay = (command('cc-perl-replay'), $slice);
my @debug = (command('cc-perl-replay'), '-d', $slice);
kills('a replay', {command => \@replay, fits => sub {1}, seconds => 0.3}, $replays);
kills(
    'a replay with hooks',
    {command => [@replay, '--hook', 'coverage=out=/dev/null'], fits => sub {1}, seconds => 0.5},
    $replays
);
kills(
    'a session\'s controller',
    {command => \@debug, stdin => "$dir/commands", fits => $is_first, seconds => 2}, $debugs
);
kills(
    'a process of a session',
    {command => \@debug, stdin => "$dir/commands", fits => $is_other, seconds => 2}, $debugs
);

diag(
    join "\n", '',
    '| killed | times | while it ran | others went on | the next run | left then |',
    '|---|---|---|---|---|---|', @table
) if $ENV{CROSSCUT_KILLS};

done_testing;
