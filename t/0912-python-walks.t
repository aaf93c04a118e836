#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Random walks to and fro through thousands of python's events, in all threads: what is there at a
# moment is the same however it was reached; and the last write of a value is the true one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Crosscut::Walk;
use File::Copy qw(copy);
use JSON::PP qw(encode_json);
use List::Util qw(first max);
use Test::More;

my $steps = 500 * walk_rate();
diag('CROSSCUT_SEED=', seed()) if $ENV{CROSSCUT_SEED};
srand seed();

# In a machine: a run without one has no signals to record.
my $recorded = vm_record(
    'ways', ['python3', 'ways.py', 6],
    language => 'python',
    prepare => sub { copy(programs() . '/travel/ways.py', "$_[0]/ways.py") });
is($recorded->{status}, 0, 'a program goes every way') or diag($recorded->{stderr});
my (undef, $slice) = sliced($recorded, 'python');

# From the main program's last line on, when all is imported.
my @source = split /\n/, slurp(programs() . '/travel/ways.py');
my $last = 1 + first { $source[$_] =~ /\Amain\(/ } 0 .. $#source;
my ($file) = session($slice)->{first} =~ /"file":"(.*?)"/;
my $main =
    stop_of(session($slice, 'run ' . encode_json({breaks => [{file => $file, line => $last}]}))
        ->{answers}[0])->{at};
my ($said, @pass) = passed($slice, $main);
cmp_ok(scalar @pass, '>', 8000, 'it has thousands of events')
    or do { diag($said->{answers}[-1]); done_testing; exit 1 };   # there is nothing to walk through
is($said->{stdout}, $recorded->{stdout}, 'a pass over them shows what the run printed');

# ---- walks ----

$_->{own} = $_->{file} eq $file for @pass;
my ($breaks, $hits, $strange) = breaks_of($slice, \@pass, $main, 6);
cmp_ok(scalar keys %{$hits}, '>', 6, 'breakpoints are hit');
is_deeply($strange, [], 'only where they are');
my $with =
    {pass => \@pass, breaks => $breaks, hits => $hits, from => $main, looks => .06, sums => .15};
my ($walked, @walk) = random_walk($slice, $with, $steps);
my $compared = agree(
    $slice,
    $with,
    "$steps steps to and fro, seed @{[seed()]}: all lead where they should, to the state that a pass has there",
    @walk
);
is($walked->{stdout}, $recorded->{stdout}, 'what the program prints is shown once');
my %least = (places => .7, moves => .5, memory => .08, variables => .03);
cmp_ok($compared->{$_} // 0, '>', $least{$_} * $steps, "many $_ were compared")
    for sort keys %least;

my %kinds = (
    'a handler' => qr/\A(?:alarmed|told) /,
    'a handler that raises' => qr/\Aleaving /,
    'what an exception leaves' => qr/\Afail /,
    'a generator' => qr/\A(?:squares|chain) /,
    'a coroutine' => qr/\A(?:worker|both) /,
    'an asynchronous generator' => qr/\Aticks /,
    'another thread' => qr/\A(?:serve|threads\.<locals>\.add) .* [1-9]/,
    'a text' => qr/\A\S+ \S+ <string>/,
    'a comprehension' => qr/comp> /,
    'a class body' => qr/\Aclasses\.<locals>\.Derived /,
    'a destructor' => qr/\AGuard\.__del__ /,
    'a property, a descriptor' => qr/\A(?:Sum\.double|Tally\.__[sg]et__) /,
    'a closure' => qr/\Acounter\.<locals>\./,
    'recursion' => qr/\Afib /,
    'finally' => qr/\Areturns /,
);

sub kind_of {
    my ($stop) = @_;
    return "$stop->{function} $stop->{event} $stop->{file} $stop->{thread}";
}
for my $kind (sort keys %kinds) {
    my @left = grep { $_->{from} && kind_of($_->{from}) =~ $kinds{$kind} } @walk;
    ok((grep { $_->{name} =~ /back/ } @left), "from $kind the way led back");
}

# ---- last writes ----

# A module's: at each event of whatever thread.
my @watched = (
    'total', 'level', q(table['a']), q(table['b']['c'][0]),
    q(table['b']), 'trail[-1]', 'len(trail)', 'trail',
    'Guard.ended', q(count.get('alarm', 0))
);
my ($begin) = first { $pass[$_]{function} eq 'signals' } 1000 + int(rand 1000) .. $#pass;
my @window = @pass[max(0, $begin - 90) .. $begin + 89];
my $all = '[repr(eval(it, vars(__import__("sys").modules["__main__"]))) for it in ('
    . join(', ', map { '"' . $_ . '"' } @watched) . ')]';
# Where modules are imported, importlib's own frames lack what the expression needs.
my @values = values_of(qq{"\\t".join($all)}, @window);
my @told = grep { defined $values[$_] } 0 .. $#window;
cmp_ok(scalar @told, '>', .8 * @window, 'globals can be looked at');
my @lists = map { [split /\t/] } @values[@told];
@window = @window[@told];
my @searches;
for my $i (0 .. $#watched) {
    my @trail = map { [$window[$_], $lists[$_][$i] // ''] } 0 .. $#window;
    push @searches, map {
        {
            title => $watched[$i],
            rule => {back => 'change', watch => $watched[$i], module => '__main__'},
            trail => \@trail,
            start => int(@window / 4 + rand @window * .7)}
    } 1 .. 3;
}
my ($wrong, $count) = writes_found($slice, \@pass, @searches);
is_deeply($wrong, [], "the last write of a global, an attribute, an element: $count of them")
    or diag(explain($wrong));
cmp_ok($count, '>', 15, 'many');

# A frame's: at each event at which it runs or has called what runs.
my %own = (
    squares => ['n', 'got'],
    worker => ['seen'],
    serve => ['served', 'len(outbox)', 'item'],
    fail => ['guard.name'],
    'counter.<locals>.up' => ['n', 'step'],
    deleted => ['guards', 'len(guards)'],
    exceptions => ['n'],
    'classes.<locals>.Derived' => ['number'],
    magic => ['one.n', 'ordered'],
    'threads.<locals>.add' => ['n', 'sums[0]'],
    comprehensions => ['pairs'],
);
my @own;
for my $function (sort keys %own) {
    my @calls =
        grep { $pass[$_]{function} eq $function && $pass[$_]{event} eq 'call' && $pass[$_]{own} }
        1 .. $#pass;
    my $call = $calls[rand @calls];
    my $id = $pass[$call]{frames}[-1];
    my @events = grep {
        grep { $_ eq $id }
            @{$_->{frames}}
    } @pass;
    @events = @events[0 .. 15] if @events > 16;
    for my $expression (@{$own{$function}}) {
        my @values = map { $_ // 'none' } values_of(
            sub {
                my ($event) = @_;
                my @up = reverse @{$event->{frames}};
                return ("repr($expression)", up => first { $up[$_] eq $id } 0 .. $#up);
            },
            @events
        );
        my @trail = map { [$events[$_], $values[$_]] } 0 .. $#events;
        push @own, map {
            {
                title => "$function $expression",
                rule => {back => 'change', watch => $expression, frame => 0 + $id},
                trail => \@trail,
                start => 1 + int rand $#events
            }
        } 1 .. 2;
    }
}
($wrong, $count) = writes_found($slice, \@pass, @own);
is_deeply($wrong, [], "and of a frame's own, while it runs, rests, in threads: $count of them")
    or diag(explain($wrong));
cmp_ok($count, '>', 12, 'many');

done_testing;

# undef where the expression raises.
sub values_of {
    my ($expression, @events) = @_;
    my $ask = sub {
        my ($event) = @_;
        my ($text, @more) = ref $expression ? $expression->($event) : $expression;
        return encode_json({expression => $text, @more});
    };
    return map {
        my $value = JSON::PP::decode_json($_)->{value};
        defined $value ? eval_text($value) : undef
    } Crosscut::Walk::values_at($slice, map { [$ask->($_), $_] } @events);
}

# repr of a text, as evaluate gives it.
sub eval_text { my ($text) = @_; return $text =~ s/\A(['"])(.*)\1\z/$2/sr =~ s/\\t/\t/gr }
