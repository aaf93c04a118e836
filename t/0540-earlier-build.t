#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A recording outlives the build that made it: a .vmlog of an earlier build, out of this
# repository's own history, is sliced and replayed by this one.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

# The first build whose guest bases can be relied on (its snapshots begin to count at 0).
my $top = abs_path("$FindBin::Bin/..");
my $log =
    run({dir => $top}, qw(git log --reverse --format=%H -S zero_icount -- core/vm/snapshot.c));
my ($commit) = $log->{stdout} =~ /\A([0-9a-f]{40})$/m;
my $head = run({dir => $top}, qw(git rev-parse HEAD));
plan skip_all => 'no history is here to take an earlier build from'
    if $log->{status} ne 0 || !$commit || $head->{stdout} =~ /\A$commit/;

my $dir = scratch('earlier');
my $source = "$dir/source";
is(run({dir => $top}, qw(git worktree prune))->{status}, 0, 'the history can be looked at');
is(
    run({dir => $top}, 'sh', '-c', "mkdir $source && git archive $commit | tar x -C $source")
        ->{status}, 0,
    "the source of $commit is taken out"
);
my $made = run({dir => $source, timeout => 600}, qw(make -s WARN=-w build/bin/cc-record));
is($made->{status}, 0, 'and built') or diag($made->{stderr});

mkdir "$dir/work";
spew("$dir/work/p.pl", 'print "$$ ", time, " ", rand, " ", {}, "\n"; exit 7;');
my $recorded = run(
    {dir => "$dir/work", timeout => 300}, "$source/build/bin/cc-record", '-o', "$dir/run.vmlog",
    '--', 'perl', 'p.pl'
);
is($recorded->{status}, 7, 'the earlier build records') or diag($recorded->{stderr});
unlink "$dir/work/p.pl";
my $sliced = run({timeout => 300}, command('cc-slice'), "$dir/run.vmlog", '-o', "$dir/slice.plog");
is($sliced->{status}, 0, 'this build slices what it recorded') or diag($sliced->{stderr});
my $replayed = replay("$dir/slice.plog");
is($replayed->{stdout}, $recorded->{stdout}, 'and the replay prints the same');
is($replayed->{status}, 7, 'and ends the same');

done_testing;
