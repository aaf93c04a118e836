#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The slices of a run with many forked children, in one directory: no child's holds its parent's
# past again.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Basename qw(basename);
use File::Copy qw(copy);
use Test::More;

my $forks = <<'END';
$| = 1;
my @lines = map { "line $_ of what the parent knew " . rand } 1 .. 2000;
for my $i (1 .. 100) {
    my $child = fork // die;
    if (!$child) {
        if ($i == 50) { waitpid fork || do { print "grandchild $lines[7]\n"; exit 4 }, 0 }
        print "child $i $lines[$i]\n";
        exit 1;
    }
    waitpid $child, 0;
}
print "parent $lines[-1]\n";
END

# A parent that is refused in the end: threads are not replayed.
my $refused = <<'END';
$| = 1;
for my $i (1 .. 3) { waitpid fork || do { print "orphan $i\n"; exit $i }, 0 }
require threads;
threads->create(sub { 1 })->join;
print "over\n";
END

my $run = vm_record(
    'forks', ['sh', '-c', 'perl forks.pl; perl refused.pl'],
    files => {'forks.pl' => $forks, 'refused.pl' => $refused});
succeeds($run, 'it runs in the machine') or BAIL_OUT('nothing to slice');

my $dir = scratch('store');
my $made = run({timeout => 120}, command('cc-slice'), $run->{log}, '-o', "$dir/");
my @slices = glob "$dir/*.plog";
my %said = map { ($_ => replay($_)) } @slices;
my ($parent) = grep { $said{$_}{stdout} =~ /^parent/m } @slices;
my ($last) = grep { $said{$_}{stdout} =~ /^child 100 /m } @slices;
my ($grandchild) = grep { $said{$_}{stdout} =~ /^grandchild/m } @slices;

subtest 'each child is replayed, with what its parent had given it' => sub {
    my $all = join '', sort map { split /^/, $said{$_}{stdout} } @slices;
    my $expected = join '', sort grep { !/^over$/ } split /^/, $run->{stdout};
    is($all, $expected, 'together they print what the run printed');
    is($said{$last}{status}, 1, 'a child ends with its status');
    is($said{$grandchild}{status}, 4, 'so does a grandchild');
};

subtest 'a child takes what is its own' => sub {
    my @sizes = map { -s $_ } grep { $said{$_}{stdout} =~ /^child/ } @slices;
    cmp_ok((sort { $b <=> $a } @sizes)[0], '<', 8192, 'no child takes more than 8 KB');
    cmp_ok(-s $last, '<', 1.5 * $sizes[0], 'the last one no more than the first');
};

subtest 'a slice that leaves the directory' => sub {
    my $elsewhere = scratch('elsewhere') . '/' . basename($last);
    copy($last, $elsewhere) or die "$last: $!";
    my $lacking = replay($elsewhere);
    is($lacking->{status}, 125, 'status 125');
    my $base = basename($parent);
    like(
        $lacking->{stderr},
        qr/\A[^\n]*lacks its beginning, which is in \Q$base\E[^\n]*cc-log pack[^\n]*\n\z/,
        'it says what it lacks, and what to do'
    );

    my $whole = scratch('packed') . '/' . basename($grandchild);
    succeeds(
        run({}, command('cc-log'), 'pack', $grandchild, '-o', $whole),
        'cc-log pack makes it whole'
    );
    same(replay($whole), $said{$grandchild}, 'it is replayed alone');
    like(
        run({}, command('cc-log'), 'info', $grandchild)->{stdout}, qr/^continues +\S+\.plog$/m,
        'cc-log info says what a slice continues'
    );
    unlike(
        run({}, command('cc-log'), 'info', $whole)->{stdout}, qr/^continues/m,
        '... and that a whole one does not'
    );
    succeeds(
        run({}, command('cc-log'), 'verify', $grandchild, $whole, $last),
        'cc-log verify reads both kinds'
    );
};

subtest 'one slice in a file of its own is whole' => sub {
    my ($pid) = basename($last) =~ /\A(\d+)/;
    my $file = scratch('file') . '/slice.plog';
    succeeds(
        run({timeout => 120}, command('cc-slice'), $run->{log}, '--pid', $pid, '-o', $file),
        'it is sliced'
    );
    same(replay($file), $said{$last}, 'it is replayed alone');
};

subtest 'a parent that is refused does not lose its children' => sub {
    is($made->{status}, 125, 'cc-slice says so with its status');
    like($made->{stderr}, qr/process \d+: .*thread/, '... and why');
    my @orphans = grep { $said{$_}{stdout} =~ /^orphan/ } @slices;
    is_deeply(
        [map {"$said{$_}{stdout}$said{$_}{status}"} @orphans], [map {"orphan $_\n$_"} 1 .. 3],
        'each child is replayed'
    );
    my @stored = glob "$dir/store/*.plog";
    is(scalar @stored, 1, 'what they share stands in the directory `store`');
};

done_testing;
