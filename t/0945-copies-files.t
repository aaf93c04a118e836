#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Files, as what is evaluated in a copy of a past run sees them: what the run had read whole is as it
# was; nothing of this machine stands in for it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $run = vm_record(
    'reads',
    ['sh', '-c', 'python3 reads.py; perl reads.pl'],
    files => {
        'whole.txt' => 'all of it', 'part.txt' => "begin, and more of it\n", 'seen.txt' => 'seen',
        map { ($_ => slurp(programs() . "/copies/$_")) } qw(reads.py reads.pl)
    });
succeeds($run, 'two programs that read files are recorded');
my %slices = map { $_->{slice} =~ /(py|pl)[^.]*\z/ ? ($1 => $_->{slice}) : () }
    grep { $_->{slice} =~ /reads/ } vm_slices($run->{log});

# Where the replay is, there are none, or others.
my $none = scratch('none');
my $others = scratch('others');
spew("$others/whole.txt", "of this machine\n");
spew("$others/part.txt", "of this machine\n");
spew("$others/unread.txt", "of this machine\n");

# What prints give, and what was said besides.
sub printed {
    my ($slice, $dir, @expressions) = @_;
    my $replay =
        replay($slice, dir => $dir, options => [map { ('--print', "tick:$_") } @expressions]);
    is($replay->{status}, 0, 'the replay ends as the run did') or diag($replay->{stderr});
    my @refused = refusals($replay);
    my @values = map {s/\A\[\S+ \S+\] //r} grep {/\A\[/} split /\n/, $replay->{stderr};
    my @said = grep { !/\A\[/ } split /\n/, $replay->{stderr};
    return (\@values, [@said, @refused]);
}

my %asked = (
    py => [
        'open("whole.txt").read()', '__import__("os").path.exists("whole.txt")',
        '__import__("os").path.getsize("whole.txt")',
        '__import__("os").stat("whole.txt").st_mtime == when',
        '[__import__("os").access("whole.txt", how) for how in (0, 4, 2)]',
        '__import__("os").path.exists("unread.txt")',
    ],
    pl => [
        'do { open my $f, "<", "whole.txt" or die; local $/; <$f> }', '-e "whole.txt" ? 1 : 0',
        '-s "whole.txt"', '(stat "whole.txt")[9] == $when ? 1 : 0',
        'join " ", map { defined $_ ? 1 : 0 } -r "whole.txt", -e _',
        '-e "unread.txt" ? 1 : 0',
    ],
);
my %answers = (
    py => ['all of it', 'True', 9, 'True', '[True, True, False]'],
    pl => ['all of it', 1, 9, 1, '1 1'],
);
my %partly = (
    py => 'open("part.txt").read()',
    pl => 'do { open my $f, "<", "part.txt" or die "$!\n"; <$f> }',
);

for my $language (qw(py pl)) {
    for my $dir ($none, $others) {
        my $where = $dir eq $none ? 'nothing is here' : 'another file is here';
        my ($values, $said) = printed($slices{$language}, $dir, @{$asked{$language}});
        like(
            pop @{$values}, $dir eq $none ? qr/\A(?:False|0)\z/ : qr/\A(?:True|1)\z/,
            "$language, $where: what the run has not read is this machine's to be found"
        );
        is_deeply(
            $values, $answers{$language},
            "$language, $where: it is read, found, measured, dated as in the run"
        );
        is_deeply($said, [], '... and nothing is said');
        ($values, $said) = printed($slices{$language}, $dir, $partly{$language});
        like("@{$values}", qr/Input.output error/, "$language, $where: a part is not the whole");
        like(
            "@{$said}", qr/part\.txt: the run has read a part of it only, so it is not known here/,
            '... and one line says so'
        );
    }
}

done_testing;
