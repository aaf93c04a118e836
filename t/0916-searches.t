#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Searches in a past run, and moves: what is found is what was looked for, what is not found is said
# and moves nobody, and each move can be undone. In both languages, the same dialogues.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Dialogue;
use Crosscut::Test;
use Crosscut::Traced;
use File::Copy qw(copy);
use Test::More;

my $work = scratch('searches');
copy(programs() . '/debugger/searches.pl', "$work/searches.pl") or die "searches.pl: $!";
my $run = record_natively("$work/slice.plog", {dir => $work}, 'searches.pl');
is($run->{status}, 0, 'a perl program is recorded');
my ($python) = recorded('searches');

my %slice = (
    perl => ["$work/slice.plog", 'searches.pl'],
    python => ["$python/slice.pylog", 'program.py'],
);
sub searches { my ($language, @rest) = @_; return dialogue($language, @{$slice{$language}}, @rest) }

my $stays = qr/: staying here\n/;

# ---- nothing is found --------------------------------------------------------------------------

searches(
    perl => 'where nothing is before, one stays, and is told',
    ['rs', qr/nothing before this statement$stays/, 6],
    ['rn', qr/in this sub or its callers$stays/, 6],
    ['rr', qr/nobody has called this$stays/, 6],
    ['rc', qr/there is no breakpoint, and nothing is watched$stays/, 6],
    ['back', qr/nothing to undo.*$stays/, 6],
    ['c 27', 27],
    ['rc', qr/there is no breakpoint/, 27],
    ['b 27'],
    ['rc', qr/no breakpoint was passed, and nothing that is watched changed before$stays/, 27],
    ['wl $nosuch', qr/\$nosuch has not changed before$stays/, 27],
    ['wl @all', qr/\@all has not changed before$stays/, 27],
    ['wl $main::nosuch', qr/has not changed before$stays/, 27],
    ['wl $self->{nosuch}', qr/has not changed before$stays/, 27],
    ['p $text', qr/\A2 items for 5, at last milk\n/],
    ['n', 28],
);
searches(
    python => 'where nothing is before, one stays, and is told',
    ['rs', qr/nothing before this event$stays/, 1], ['rn', qr/in who called it$stays/, 1],
    ['rr', qr/nobody has called this$stays/, 1], ['rc', qr/there is no breakpoint$stays/, 1],
    ['back', qr/nothing to undo.*$stays/, 1],
    ['b 9'], ['c', 9], ['rc', qr/no breakpoint was passed before$stays/, 9],
    ['wl nosuch', qr/nosuch has not changed before$stays/, 9],
    ['wl left.nosuch', qr/left\.nosuch has not changed before$stays/, 9],
    ['p left', qr/\A2\n/],
    ['n', 9], ['c', 9],
);

# ---- and back again ----------------------------------------------------------------------------

searches(
    perl => 'back undoes one move after the other',
    ['c 27', 27], ['wl $till', 19], ['rs', 18], ['rr', 36], ['R', 6],
    ['back', 36], ['back', 18], ['back', 19], ['back', 27], ['back', 6],
    ['back', qr/nothing to undo/, 6],
    ['c', qr/terminated/], ['rs', 43], ['back', qr/terminated/], ['back', 6],
);
searches(
    python => 'back undoes one move after the other',
    ['b 9'], ['c', 9], ['c', 9], ['wl left', 8], ['wl till', 7], ['rr', 13], ['run', 1],
    ['back', 13], ['back', 7], ['back', 8], ['back', 9], ['back', 9], ['back', 1],
    ['back', qr/nothing to undo/, 1],
    ['clear 1'], ['c', qr/finished/], ['rs', qr/--Return--|\.py/], ['back', qr/--Return--/],
    ['back', 1],
);
searches(
    python => 'a search that goes on to the caller is one move',
    ['b 14'], ['c', 14], ['wl second', 13], ['back', 14],
);

# ---- what is found -----------------------------------------------------------------------------

searches(
    perl => 'wl finds package variables wherever they are written',
    ['c 27', 27], ['wl $till', 19], ['p $till', qr/\A2\n/], ['wl $till', 19],
    ['p $till', qr/\A0\n/],
    ['wl $till', 6], ['back'], ['back'], ['back', 27], ['wl $Shop::till', 19],
);
searches(
    perl => 'wl finds lexicals that subs share',
    ['c 27', 27], ['wl $last', 20], ['p $last', qr/\Atea\n/], ['wl $last', 20], ['wl $last', 7],
);
searches(
    perl => 'wl finds fields and elements beyond the call of the sub',
    ['c 27', 27], ['wl $self->{count}', 17], ['p $self->{count}', qr/\A1\n/],
    ['wl $self->{count}', 17], ['back'], ['back', 27],
    ['wl $self->{items}[1]', 18], ['back', 27], ['wl @{$self->{items}}', 18], ['back', 27],
    ['wl $self->{name}', 11], ['back', 27], ['wl "$self->{count} $till"', 19],
);
searches(
    perl => 'wl finds what a reference leads to',
    ['b 43'], ['c', 43], ['c', 43], ['wl $$to', 42], ['p $$to', qr/\A1x\n/], ['wl $$to', 42],
    ['p $$to', qr/\A1\n/], ['wl $$to', 46],
);
searches(
    perl => q{wl of a sub's own variable leads to its call, and says so},
    ['c 28', 28], ['wl $text', 26], ['back', 28], ['wl @parts', 27], ['back', 28],
    ['wl scalar(@_)', qr/\Ascalar\(\@_\): unchanged in this sub before: at its call\n/, 37],
);

# ---- what is typed wrong, and help -------------------------------------------------------------

searches(
    perl => 'a command that is typed wrong says how it is used',
    ['rc 2', qr/\Arc takes nothing behind it:\n  rc +go back to the last breakpoint/],
    ['when 1', qr/\Awhen takes nothing behind it:\n/], ['back 3', qr/\Aback takes nothing/],
    ['wl', qr/\Awl: EXPR is missing:\n  wl EXPR +go back to/], ['go', qr/\Ago: TIME is missing:\n/],
    ['go x', qr/\Ax: a moment is CALLS\.EVENTS/],
    ['h rc', qr/\A  rc +go back to the last breakpoint/],
    ['h', qr/\AIn a past run, besides:\n  rs +go back to the statement before\n.*Stack trace/s],
);
like(
    (said('perl', $slice{perl}[0]))[0], qr/\(a past run: rs, rn, rr, rc, wl and back lead back/,
    'the banner names them'
);
searches(
    perl => 'the end of the program names them, too',
    ['R'],
    [
        'c',
        qr/\(a past run: this is its end; rs, rn, rc, wl and back lead back from it: see h back\)\nDebugged program terminated/
    ],
    ['rs', qr/\S/],
    ['R']);
searches(
    perl => 'only what assigns is said to be gone',
    ['p "a=1"', qr/\Aa=1\n\z/], [q{p 'x++' . "y = 2"}, qr/\Ax\+\+y = 2\n\z/],
    ['p $till = 3', qr/\A\(in a copy: changes are gone/],
);

# ---- what is watched -----------------------------------------------------------------------------

my $changed = sub {
    my ($old, $new) = @_;
    return qr/\AWatchpoint 0:\t\$till changed:\n    old value:\t'$old'\n    new value:\t'$new'\n/;
};
searches(
    perl => 'rc comes to the changes of what is watched that c has come to',
    ['w $till'], ['c', $changed->('', 0), 7], ['c', $changed->(0, 2), 20],
    ['c', $changed->(2, 5), 20],
    ['rc', $changed->(0, 2), 20], ['rc', $changed->('', 0), 7],
    [
        'rc',
        qr/\Ano breakpoint was passed, and nothing that is watched changed before$stays(?!Watch)/, 7
    ],
    ['b 27'], ['c', $changed->(0, 2), 20], ['c', $changed->(2, 5), 20], ['c', 27],
    ['rc', $changed->(2, 5), 20], ['c', 27],
);
searches(
    perl => 'other ways back are no changes of what is watched',
    ['w $till'], ['c 27'], ['c', 20], ['c', 20], ['c', 27],
    ['rr', qr/\Amain::\(searches\.pl:37\)/], ['wl $words', qr/\Amain::\(searches\.pl:34\)/],
    ['c', $changed->(0, 2), 20],
);

# ---- how it is opened --------------------------------------------------------------------------

# --at a moment that `when` has told leads to where that was.
for my $language (qw(perl python)) {
    my ($slice) = @{$slice{$language}};
    my ($stream, $option) = $language eq 'perl' ? ('stderr', '-d') : ('stdout', '--pdb');
    my (undef, undef, undef, $there, $when) = said($language, $slice, 'n', 'n', 's', 'when');
    my ($line) = $there =~ /(searches\.pl:\d+\)|\.py\(\d+\))/;
    my ($moment) = $when =~ /(\d+\.\d+)/;
    my $opened = replay($slice, stdin => "q\n", options => [$option, '--at', $moment]);
    like($opened->{$stream}, qr/\Q$line\E/, "$language: --at opens at $moment");
    for my $wrong (['--at', 'x', $option], ['--at', $moment]) {
        my $refused = replay($slice, stdin => "q\n", options => $wrong);
        is($refused->{status}, 125, "@{$wrong}: refused");
        like($refused->{stderr}, qr/a moment is CALLS\.EVENTS|give --debug, too/, 'and why');
    }
}

for my $option (qw(-d --debug --pdb)) {
    my $perl = replay("$work/slice.plog", stdin => "q\n", options => [$option]);
    like($perl->{stderr}, qr/searches\.pl:6\)/, "$option opens perl's debugger");
    my $pdb = replay("$python/slice.pylog", stdin => "q\n", options => [$option]);
    like($pdb->{stdout}, qr/\(Pdb\) /, "$option opens pdb");
}

done_testing;
