#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Where commands write: what the user has named, and no other file, whatever stands there already.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Path qw(make_path);
use POSIX qw(mkfifo);
use Test::More;

my ($recorder, $slicer, $log) = map { command($_) } qw(cc-record cc-slice cc-log);
my $run = vm_record('outputs', ['perl', '-e', 'print "here\n"'], programs => []);
is($run->{status}, 0, 'a program is recorded') or BAIL_OUT($run->{stderr});
my ($made, $slice) = sliced($run, 'perl');
is($made->{status}, 0, '... and sliced') or BAIL_OUT($made->{stderr});

my %writers = (
    'cc-record -o' => sub { my ($to) = @_; return [$recorder, '--force', '-o', $to, '--', 'true'] },
    'cc-slice -o' => sub { my ($to) = @_; return [$slicer, $run->{log}, '-o', $to] },
    'cc-log pack -o, a slice' => sub { my ($to) = @_; return [$log, 'pack', $slice, '-o', $to] },
    'cc-log pack -o, a recording' =>
        sub { my ($to) = @_; return [$log, 'pack', $run->{log}, '-o', $to] },
);

sub write_to {
    my ($writer, $to, %with) = @_;
    return run({timeout => 120, %with}, @{$writers{$writer}->($to)});
}

# Nothing is left beside it.
sub beside {
    my ($dir) = @_;
    opendir my $names, $dir or die "$dir: $!";
    return join ' ', sort grep { !/\A\.\.?\z/ } readdir $names;
}

for my $writer (sort keys %writers) {
    my $dir = scratch('to');
    my $work = "$dir/work";
    make_path($work);
    my $precious = spew("$dir/precious", "precious\n");

    # Links: the name is replaced, what it led to stays.
    symlink $precious, "$work/link" or die;
    link $precious, "$work/hard" or die;
    symlink "$dir/nowhere", "$work/dangling" or die;
    for my $kind (qw(link hard dangling)) {
        my $result = write_to($writer, "$work/$kind");
        succeeds($result, "$writer, $kind: it is written");
        ok(!-l "$work/$kind" && -s "$work/$kind" > 100, '... under that name');
        is(slurp($precious), "precious\n", '... and nothing else is');
    }
    ok(!-e "$dir/nowhere", "$writer: a link to nothing is not followed");

    # What is no file stays.
    mkfifo("$work/fifo", oct 600) or die;
    symlink '/dev/null', "$work/null" or die;
    for my $to ("$work/fifo", "$work/null", '/dev/stdout', '/dev/fd/1') {
        my $result = write_to($writer, $to, stdout_file => "$dir/stdout");
        is($result->{status}, 125, "$writer, $to: refused");
        like(
            $result->{stderr}, qr/\A[^\n]*is not a regular file: name another\n\z/,
            '... in one line'
        );
    }
    ok(-p "$work/fifo" && -c '/dev/null' && -l '/dev/stdout', "$writer: they are as they were");
    is(beside($work), 'dangling fifo hard link null', "$writer: nothing is left beside them");
}

# Names beside the output cannot be foreseen: none that could be is in the way, or taken away.
{
    my $work = scratch('foreseen');
    my $precious = spew("$work/precious", "precious\n");
    # A process that plants each name that it could have, and becomes the writer.
    my $plant = <<'END';
my ($precious, $to, @command) = @ARGV;
symlink $precious, "$to.tmp-$_" for $$ .. $$ + 20;
exec @command;
END
    for my $writer (sort keys %writers) {
        my $to = "$work/out";
        my $result = run(
            {timeout => 120}, $^X, '-e', $plant, $precious, $to,
            @{$writers{$writer}->($to)});
        succeeds($result, "$writer: planted names are not in its way");
        is(slurp($precious), "precious\n", '... and are not followed');
        is(scalar(() = glob "$to.tmp-*"), 21, '... nor removed');
        unlink $to, glob "$to.tmp-*";
    }
}

# All slices of a run: names that stand in the directory already.
{
    my $work = scratch('all');
    my $precious = spew("$work/precious", "precious\n");
    my $to = "$work/slices";
    make_path($to);
    succeeds(run({timeout => 120}, $slicer, $run->{log}, '-o', "$to/"), 'cc-slice -o DIR/');
    my ($name) = glob "$to/*.plog";
    unlink $name;
    symlink $precious, $name or die;
    succeeds(run({timeout => 120}, $slicer, $run->{log}, '-o', "$to/"), '... again');
    ok(!-l $name && -s $name, 'a link in the way is replaced');
    is(slurp($precious), "precious\n", '... what it led to stays');
}

# A directory for all, in which anybody may rename what we work on.
{
    my $open = scratch('open');
    chmod oct 777, $open or die;
    my @refused = (
        ['TMPDIR, cc-record', {TMPDIR => $open}, $writers{'cc-record -o'}],
        ['TMPDIR, cc-slice', {TMPDIR => $open}, $writers{'cc-slice -o'}],
        ['CROSSCUT_CACHE', {CROSSCUT_CACHE => $open}, $writers{'cc-record -o'}],
    );
    for my $case (@refused) {
        my ($title, $env, $writer) = @{$case};
        my $result =
            run({env => $env, timeout => 120}, @{$writer->(scratch('out') . '/file')});
        is($result->{status}, 125, "$title: a directory for all is refused");
        like($result->{stderr}, qr/\A[^\n]*\Q$open\E: anybody may [^\n]*\n\z/, '... in one line');
        is(beside($open), '', '... and nothing is written there');
    }
    my $there = run({timeout => 120}, @{$writers{'cc-slice -o'}->("$open/slice.plog")});
    is($there->{status}, 125, 'cc-slice -o: so is one in which it would work');
    chmod oct 1777, $open or die;
    succeeds(
        run(
            {env => {TMPDIR => $open}, timeout => 120},
            @{$writers{'cc-slice -o'}->("$open/slice.plog")}
        ),
        'not one with the sticky bit'
    );
    is(beside($open), 'slice.plog', '... and only the slice stays');
    # Named as ours are, and links: what they lead to is not taken for what a dead process left.
    my $kept = scratch('kept');
    spew("$kept/precious", "precious\n");
    symlink $kept, "$open/crosscut-work.abcdef" or die;
    symlink $kept, "$open/.cc-slice-abcdef" or die;
    succeeds(
        run(
            {env => {TMPDIR => $open}, timeout => 120},
            @{$writers{'cc-slice -o'}->("$open/slice.plog")}
        ),
        'links by the names of work directories'
    );
    is(beside($kept), 'precious', '... are not followed');
}

# What comes back from a guest: links that stand there already are replaced.
{
    my $work = scratch('pull');
    make_path("$work/dir/sub", "$work/back", "$work/elsewhere");
    my $precious = spew("$work/elsewhere/file", "precious\n");
    symlink "$work/elsewhere", "$work/back/sub" or die;
    symlink $precious, "$work/back/top" or die;
    my $pulled = run(
        {dir => "$work/dir", timeout => 120},
        $recorder, '-o', "$work/run.vmlog", '--pull', "$work/back", '--', 'sh', '-c',
        'echo new > sub/file; echo new > top'
    );
    succeeds($pulled, '--pull DIR');
    is(slurp("$work/back/$_"), "new\n", "... brings $_") for qw(sub/file top);
    is(slurp($precious), "precious\n", '... and follows no link');
}

# What a shell would open is opened as a shell does it.
{
    my $work = scratch('print');
    spew("$work/target", "before\n");
    symlink 'target', "$work/link" or die;
    my @print = ('--print', '-e:1:"printed"');
    for my $to ("$work/link", '/dev/stdout') {
        my $result = replay($slice, options => [@print, '--print-to', $to]);
        my $text = $to =~ /link/ ? slurp("$work/target") : $result->{stdout};
        like($text, qr/printed/, "--print-to $to: it goes there") or diag($result->{stderr});
    }
    ok(-l "$work/link", '... by the link');
    my $result = replay($slice, options => ['--hook', "coverage=out=$work/link"]);
    unlike(slurp("$work/target"), qr/printed/, 'out= of a hook likewise')
        or diag($result->{stderr});
}

done_testing;
