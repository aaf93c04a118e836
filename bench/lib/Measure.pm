# SPDX-License-Identifier: GPL-2.0-or-later
# Commands measured side by side: each round runs all of them once, so that what else the machine
# does meets all alike; a figure is the median over the rounds.
package Measure;
use strict;
use warnings;

use Exporter qw(import);
use POSIX ();

our @EXPORT = qw(measure median prepare ratio seconds slurp);

my %setup = (build => 'build', work => '/tmp', rounds => 3, clock => 'wall');

# build: of the commands; work: a directory for outputs; rounds; clock: wall or cpu.
sub prepare { %setup = (%setup, @_); return }

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return @sorted % 2
        ? $sorted[$#sorted / 2]
        : ($sorted[@sorted / 2 - 1] + $sorted[@sorted / 2]) / 2;
}

sub slurp {
    my ($file) = @_;
    open my $in, '<:raw', $file or die "$file: $!\n";
    local $/ = undef;
    return scalar(<$in>) // '';
}

# Runs one command: {wall, cpu, memory (KiB), status, stdout}. Its stderr is shown when it fails.
sub once {
    my (@command) = @_;
    my ($report, $stdout, $stderr) = map {"$setup{work}/measure.$_"} qw(report stdout stderr);
    unlink $report;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', '/dev/null' or die "/dev/null: $!\n";
        open STDOUT, '>', $stdout or die "$stdout: $!\n";
        open STDERR, '>', $stderr or die "$stderr: $!\n";
        exec 'timeout', '900', "$setup{build}/bench/measure", $report, @command
            or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    die "@command: failed\n" . slurp($stderr) if $? || !-s $report;
    my ($wall, $user, $system, $memory, $status) = split ' ', slurp($report);
    die "@command: status $status\n" . slurp($stderr) if $status;
    return {wall => $wall, cpu => $user + $system, memory => $memory, stdout => slurp($stdout)};
}

# Commands by name, interleaved: by name, a list of results. All of `same` must print the same.
sub measure {
    my ($commands, %with) = @_;
    my %results;
    for (1 .. $with{rounds} // $setup{rounds}) {
        for my $name (sort keys %{$commands}) {
            $with{before}->($name) if $with{before};
            push @{$results{$name}}, once(@{$commands->{$name}});
        }
    }
    for my $name (@{$with{same} // []}) {
        my $first = $results{$with{same}[0]}[0]{stdout};
        die "$name printed something else than $with{same}[0]\n"
            if grep { $_->{stdout} ne $first } @{$results{$name}};
    }
    return \%results;
}

# By the clock that was set, or by the one named.
sub seconds {
    my ($results, $name, $clock) = @_;
    return median(map { $_->{$clock // $setup{clock}} } @{$results->{$name}});
}

# The median of the rounds' ratios.
sub ratio {
    my ($results, $one, $other, $clock) = @_;
    $clock //= $setup{clock};
    return median(map { $results->{$one}[$_]{$clock} / $results->{$other}[$_]{$clock} }
            0 .. $#{$results->{$one}});
}

1;
