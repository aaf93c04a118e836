#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Random walks to and fro through thousands of perl's statements: what is there at a moment is the
# same however it was reached; and the last write of a value is the true one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Crosscut::Walk;
use File::Copy qw(copy);
use JSON::PP qw(encode_json);
use Test::More;

my $steps = 1400 * walk_rate();
diag('CROSSCUT_SEED=', seed()) if $ENV{CROSSCUT_SEED};
srand seed();

# In a machine: a run without one has no signals to record.
my $recorded = vm_record(
    'ways',
    ['perl', 'ways.pl'],
    prepare => sub { copy(programs() . '/travel/ways.pl', "$_[0]/ways.pl") });
is($recorded->{status}, 3, 'a program goes every way') or diag($recorded->{stderr});
my (undef, $slice) = sliced($recorded);

my ($said, @pass) = passed($slice, '');
cmp_ok(scalar @pass, '>', 8000, 'it has thousands of statements')
    or do { diag($said->{answers}[-1]); done_testing; exit 1 };   # there is nothing to walk through
is($said->{stdout}, $recorded->{stdout}, 'a pass over them shows what the run printed');

# ---- walks ----

my ($breaks, $hits, $strange) = breaks_of($slice, \@pass, '', 6);
cmp_ok(scalar keys %{$hits}, '>', 6, 'breakpoints are hit');
is_deeply($strange, [], 'only where they are');
# In a handler and what it calls, perl keeps a set of signals that is filled in part.
my $with = {
    pass => \@pass,
    breaks => $breaks,
    hits => $hits,
    looks => .06,
    sums => .2,
    vague => qr/alarmed|__ANON__/,
    again => qr{\A(?:(?:Sum|Tally|Guard)::|main::(?:__ANON__|even|odd)\z)}
};
my ($walked, @walk) = random_walk($slice, $with, $steps);
my $compared = agree(
    $slice,
    $with,
    "$steps steps to and fro, seed @{[seed()]}: all lead where they should, to the state that a pass has there",
    @walk
);
is($walked->{stdout}, $recorded->{stdout}, 'what the program prints is shown once');
is($walked->{stderr}, $said->{stderr}, 'on both streams');
my %least = (places => .8, moves => .5, memory => .1, variables => .03);
cmp_ok($compared->{$_} // 0, '>', $least{$_} * $steps, "many $_ were compared")
    for sort keys %least;

my %kinds = (
    'a handler' => sub { $_[0]{function} eq 'main::alarmed' },
    'a text' => sub { $_[0]{file} =~ /\A\(eval/ },
    'a sub that a text has made' => sub { $_[0]{function} eq 'main::made' },
    'a destructor' => sub { $_[0]{function} eq 'Guard::DESTROY' },
    'what dies' => sub { $_[0]{function} eq 'main::raise' },
    'a tied value' => sub { $_[0]{function} =~ /\ATally::/ },
    'an operator' => sub { $_[0]{function} eq 'Sum::__ANON__' },
    'a comparison' => sub { $_[0]{function} eq 'main::by_size' },
    'a block that sorts' => sub { $_[0]{function} eq 'main::sorts' && $_[0]{line} == 119 },
    'recursion' => sub { $_[0]{function} eq 'main::fib' && @{$_[0]{frames}} > 2 },
    'goto' => sub { $_[0]{function} eq 'main::odd' },
    'an AUTOLOAD' => sub { $_[0]{function} eq 'Any::AUTOLOAD' },
    'local values' => sub { $_[0]{function} eq 'main::show_level' },
    'a timeout' => sub { $_[0]{function} eq 'main::waits' },
    'an END block' => sub { $_[0]{function} eq 'main::END' },
);

for my $kind (sort keys %kinds) {
    my @left = grep { $_->{from} && $kinds{$kind}->($_->{from}) } @walk;
    ok((grep { $_->{name} =~ /back/ } @left), "from $kind the way led back");
}

# ---- last writes ----

my @watched = (
    '$level', '$seen', '$ended', '$count{alarm}',
    '$count{compared}', '$trail[-1]', 'scalar(@trail)', '$list[0]',
    '$text', '$table{b}{c}[1]', '$config{depth}[1]', '$Any::AUTOLOAD',
    '"@trail"'
);
my ($begin) = grep { $pass[$_]{function} eq 'main::texts' } 2000 + int(rand 3000) .. $#pass;
my @window = @pass[$begin .. $begin + 499];
my @lists = values_of(encode_json({expression => join ', ', map {"scalar($_)"} @watched}), @window);
my @searches;
for my $i (0 .. $#watched) {
    my @trail = map { [$window[$_], $lists[$_][$i]] } 0 .. $#window;
    push @searches, map {
        {
            title => $watched[$i],
            rule => {back => 'change', expression => $watched[$i], anywhere => 1},
            trail => \@trail,
            start => 100 + int rand 400
        }
    } 1 .. 4;
}
my ($wrong, $count) = writes_found($slice, \@pass, @searches);
is_deeply($wrong, [], "the last write of a variable, an element: $count of them")
    or diag(explain($wrong));
cmp_ok($count, '>', 25, 'many');

# Of a sub's own: an activation's events, each as long as nothing but it and what it calls has come.
my %own = (
    'main::loops' => ['$n', 'scalar(@found)'],
    'main::closures' => ['$sum'],
    'main::exceptions' => ['$caught', '$text', '$_[0]'],
    'main::sorts' => ['"@one"', 'scalar(@two)'],
    'main::destroyed' => ['scalar(@guards)'],
    'main::locals' => ['$inside', '$level'],
    'main::fib' => ['$n']);
my @own;
for my $function (sort keys %own) {
    my @first =
        grep { $_ && $pass[$_]{function} eq $function && !begins_with($pass[$_ - 1], $pass[$_]) }
        0 .. $#pass;
    for my $from (@first[map { rand @first } 1 .. 2]) {
        my $to = $from;
        $to++ while begins_with($pass[$to + 1], $pass[$from]);
        my @events =
            grep { @{$_->{frames}} == @{$pass[$from]{frames}} && $_->{function} eq $function }
            @pass[$from .. $to];
        for my $expression (@{$own{$function}}) {
            my @values = values_of(encode_json({expression => "scalar($expression)"}), @events);
            my @trail = (
                [$pass[$from - 1], 'the call'],
                map { [$events[$_], $values[$_][0]] } 0 .. $#events
            );
            push @own, map {
                {
                    title => "$function $expression",
                    rule => {back => 'change', expression => $expression},
                    own => 1,
                    trail => \@trail,
                    start => 1 + int rand @events
                }
            } 1 .. 3;
        }
    }
}
($wrong, $count) = writes_found($slice, \@pass, @own);
is_deeply($wrong, [], "and of a sub's own: $count of them") or diag(explain($wrong));
cmp_ok($count, '>', 40, 'many');

done_testing;

sub begins_with {
    my ($stop, $with) = @_;
    my @frames = @{$stop->{frames} // []};
    return @frames >= @{$with->{frames}}
        && "@frames[0 .. $#{$with->{frames}}]" eq "@{$with->{frames}}";
}

sub values_of {
    my ($ask, @events) = @_;
    return map {
        [map { $_ // 'undef' } @{JSON::PP::decode_json($_)->{values} // []}]
    } map { '{' . (/(\"values\":\[.*\])/)[0] . '}' }
        Crosscut::Walk::values_at($slice, map { [$ask, $_] } @events);
}
