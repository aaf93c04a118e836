# SPDX-License-Identifier: GPL-2.0-or-later
# Random walks through a past run: what a straight pass has at each moment, what walks to and fro
# have there, and where values were truly written last.
package Crosscut::Walk;
use strict;
use warnings;

use Crosscut::Test;
use Exporter qw(import);
use JSON::PP qw(decode_json encode_json);
use List::Util qw(max min shuffle uniq);
use Test::More;

our @EXPORT = qw(agree breaks_of passed random_walk seed session stop_of walk_rate writes_found);

# CROSSCUT_SEED=N walks other ways, CROSSCUT_WALK=F so many times as far: for hours, if somebody
# likes.
sub seed { return $ENV{CROSSCUT_SEED} // 1 }
sub walk_rate { return $ENV{CROSSCUT_WALK} // 1 }

# ---- sessions ----

# What the session engine says to commands, a line each; and what the program has printed meanwhile.
sub session {
    my ($slice, @commands) = @_;
    my $dir = scratch('session');
    my ($language, $kind) = $slice =~ /\.plog\z/ ? ('perl', 'plog') : ('python', 'pylog');
    my $said = run(
        {dir => $dir, stdin => join('', map {"$_\n"} @commands), timeout => 1500 * walk_rate()},
        test_tool('session'), replay_object($language),
        $kind, $slice, 'answers'
    );
    diag("session: $said->{status} $said->{stderr}") if $said->{status} ne 0;
    my @answers = split /\n/, slurp("$dir/answers");
    return {%{$said}, first => shift @answers, answers => \@answers};
}

# A stop's line is taken to pieces by hand: there are tens of thousands.
sub stop_of {
    my ($line) = @_;
    my ($calls, $events, $place, $why, $written) =
        $line =~
        /\A\{"at":\[(\d+),(\d+)\],(?:"place":(\{.*\}),)?(?:"text":.*,)?"why":"(\w+)","written":\[(\d+,\d+)\]\}\z/
        or return {why => $line, at => '', state => $line};
    my %stop = (at => "$calls.$events", why => $why, state => ($place // '') . " $written");
    return \%stop if !$place;
    ($stop{file}, $stop{function}, $stop{line}) =
        $place =~ /"file":"(.*?)","function":"(.*?)",.*"line":(-?\d+)/;
    ($stop{event}) = $place =~ /"event":"(\w+)"/;
    ($stop{thread}) = $place =~ /"thread":(\d+)/;
    $stop{frames} = [split /,/, $1] if $place =~ /"frames":\[([-\d,]*)\]/;
    @{$stop{frames}} = reverse @{$stop{frames}} if defined $stop{thread};    # the outermost first
    return \%stop;
}

# All stops from a moment to the end ('': from the first one).
sub passed {
    my ($slice, $from, $rule) = @_;
    my $said =
        session($slice, ($from ? "go $from" : 'next'), 'pass ' . ($rule ? encode_json($rule) : ''));
    my @stops = grep { $_->{event} } map { stop_of($_) } ($from || $rule ? () : $said->{first}),
        @{$said->{answers}};
    $stops[$_]{i} = $_ for 0 .. $#stops;
    return ($said, @stops);
}

# ---- what is there at a moment ----

my @looks = ('ask stack', 'ask variables', 'ask variables {"up":1}');

# Where somebody has looked, a pass from the first of these moments to the last, as a debugger would
# that only steps.
sub straight {
    my ($slice, @moments) = @_;
    my @answers = @{session($slice, map { ("go $_", 'memory', @looks) } @moments)->{answers}};
    my %there;
    for my $moment (@moments) {
        my ($stop, $memory, @seen) = splice @answers, 0, 2 + @looks;
        $there{$moment} = {
            place => stop_of($stop // '')->{state},
            memory => $memory,
            variables => join "\n",
            grep {defined} @seen
        };
    }
    return \%there;
}

# ---- walking ----

# The next stop from i on in this direction at which a condition holds; undef: there is none.
sub next_where {
    my ($pass, $i, $direction, $holds) = @_;
    for ($i += $direction; $i >= 0 && $i < @{$pass}; $i += $direction) {
        return $i if $holds->($pass->[$i]);
    }
    return;
}

sub is_caller {
    my ($of, $stop, $depth) = @_;
    my $frames = $stop->{frames};
    return if @{$frames} > $depth;
    return !grep { $frames->[$_] ne $of->{frames}[$_] } 0 .. $#{$frames};
}

# From `now` in the pass: an event at which the user's thread, or the main one, stops.
sub is_seen {
    my ($now, $stop) = @_;
    return !$stop->{thread} || $stop->{thread} eq ($now->{thread} // 0);
}
sub is_line { my ($stop) = @_; return $stop->{event} eq 'line' || $stop->{event} eq 'statement' }

sub step_back {
    my ($with, $i, $less, $first) = @_;
    my $pass = $with->{pass};
    my $now = $pass->[$i];
    my $depth = @{$now->{frames}} - $less;
    $depth = 0 if $depth < 0;    # perl: nothing called the main program
    my $found = next_where(
        $pass, $i, -1,
        sub {
            is_line($_[0])
                && ($_[0]{thread} // 0) eq ($now->{thread} // 0)
                && is_caller($now, $_[0], $depth);
        });
    return
           if defined $found
        && $with->{again}
        && $pass->[$found]{function} =~ $with->{again};    # perhaps in another call of it
    return $found // $first;
}

# Ways to go on: the command, and where it should lead, as far as that is known (undef: it is not).
sub moves {
    my ($with) = @_;
    my ($pass, $breaks, $hits) = @{$with}{qw(pass breaks hits)};
    my %by_function;
    push @{$by_function{$_->{function} . ($_->{file} =~ /\A[(<]/ ? ' of a text' : '')}}, $_
        for grep { $_->{file} eq $pass->[0]{file} || $_->{file} =~ /\A(?:\(eval|<string>)/ }
        @{$pass};
    my @functions = shuffle(sort keys %by_function);       # all of them, one after another
    my $rule = sub { my ($kind, $how, @more) = @_; return encode_json({$kind => $how, @more}) };
    my $first = $with->{from} ? undef : 0;                 # nothing earlier leads to the beginning
    my $is_hit = sub { $hits->{$_[0]{at}} };
    return {
        in => [
            'run ' . $rule->(step => 'in'),
            sub {
                my ($i) = @_;
                next_where($pass, $i, 1, sub { is_seen($pass->[$i], $_[0]) });
            }
        ],
        over => ['run ' . $rule->(step => 'over')],
        out => ['run ' . $rule->(step => 'out')],
        'back in' => [
            'back ' . $rule->(back => 'in'),
            sub {
                my ($i) = @_;
                next_where($pass, $i, -1, sub { is_seen($pass->[$i], $_[0]) }) // $first;
            }
        ],
        'back over' => [
            'back ' . $rule->(back => 'over'),
            sub { my ($i) = @_; step_back($with, $i, 0, $first) }
        ],
        'back out' => [
            'back ' . $rule->(back => 'out'),
            sub { my ($i) = @_; step_back($with, $i, 1, $first) }
        ],
        next => ['next', sub { my ($i) = @_; $i + 1 < @{$pass} ? $i + 1 : undef }],
        breaks => [
            'run ' . encode_json({breaks => $breaks}),
            sub { my ($i) = @_; next_where($pass, $i, 1, $is_hit) }
        ],
        'back breaks' => [
            'back ' . encode_json({back => 'breaks', breaks => $breaks}),
            sub { my ($i) = @_; next_where($pass, $i, -1, $is_hit) // $first }
        ],
        go => sub {
            push @functions, my $function = shift @functions;
            my $some = $by_function{$function};
            my $to = $some->[rand @{$some}]{i};
            return ["go $pass->[$to]{at}", sub {$to}];
        },
    };
}

my @mixed = (
    ('in') x 8,
    ('next') x 6,
    ('over') x 4,
    ('out') x 2,
    ('back in') x 8,
    ('back over') x 4,
    ('back out') x 1,
    ('breaks') x 1,
    ('back breaks') x 1,
    ('go') x 7
);

# Breakpoints at some lines, and the moments at which a pass hits them.
sub breaks_of {
    my ($slice, $pass, $from, $count) = @_;
    my @places = uniq map {"$_->{line}"}
        grep { is_line($_) && $_->{file} eq $pass->[0]{file} && $_->{line} > 0 } @{$pass};
    my @breaks = map { {file => $pass->[0]{file}, line => 0 + $places[rand @places]} } 1 .. $count;
    my (undef, @hits) = passed($slice, $from, {breaks => \@breaks});
    my %lines = map { $_->{line} => 1 } @breaks;
    my @strange = grep {
              !$lines{$_->{line}}
            && $_->{event} ne 'end'
            && $_->{why} eq 'rule'
            && $_->{at} ne $hits[-1]{at}
    } @hits;
    return (\@breaks, {map { $_->{at} => 1 } grep { $lines{$_->{line}} } @hits}, \@strange);
}

# The walk: commands are made before it begins, so where it is is not known; the answers are judged
# afterwards.
sub random_walk {
    my ($slice, $with, $steps) = @_;
    my $pass = $with->{pass};
    my %index = map { $pass->[$_]{at} => $_ } 0 .. $#{$pass};
    my $moves = moves($with);
    my $name = '';
    my @walk = map {
        $name = $_ == 1 ? 'go' : $name eq 'go' ? 'back in' : $mixed[rand @mixed];
        my $move = ref $moves->{$name} eq 'CODE' ? $moves->{$name}->() : $moves->{$name};
        {
            name => $name,
            command => $move->[0],
            leads => $move->[1],
            looks => rand() < $with->{looks},
            sums => rand() < $with->{sums}}
    } 1 .. $steps;
    my $said = session(
        $slice,
        (map { ($_->{command}, ($_->{sums} ? 'memory' : ()), ($_->{looks} ? @looks : ())) } @walk),
        'go 999999999',
        'run {}',
        'run'
    );
    my @answers = @{$said->{answers}};
    my $at;
    for my $step (@walk) {
        my $stop = stop_of(shift @answers // '');
        my $should = defined $at && $step->{leads} ? $step->{leads}->($at) : undef;
        $step->{from} = defined $at ? $pass->[$at] : undef;
        $step->{stop} = $stop;
        $at = $index{$stop->{at}};
        $step->{memory} = shift @answers if $step->{sums};
        $step->{variables} = join "\n", grep {defined} splice @answers, 0, scalar @looks
            if $step->{looks};
        $step->{should} = $pass->[$should] if defined $should;
    }
    return ($said, @walk);
}

sub show {
    my ($stop) = @_;
    return
          !$stop ? q(nowhere)
        : defined $stop->{line} ? "$stop->{at} $stop->{function}:$stop->{line} $stop->{event}"
        : "$stop->{at} $stop->{why}";
}

# What a walk has seen is what the pass has; returns how many states were compared.
sub agree {
    my ($slice, $with, $title, @walk) = @_;
    my %in_pass = map { $_->{at} => $_ } @{$with->{pass}};
    my @looked = uniq map { $_->{stop}{at} }
        grep { ($_->{looks} || $_->{sums}) && $in_pass{$_->{stop}{at}} } @walk;
    my $straight = straight($slice, sort { $in_pass{$a}{i} <=> $in_pass{$b}{i} } @looked);
    my (@wrong, %count);
    for my $i (0 .. $#walk) {
        my $step = $walk[$i];
        my $moment = $step->{stop}{at};
        my $true = $in_pass{$moment};
        my $what = "$step->{name} from " . show($step->{from}) . ' came to ' . show($step->{stop});
        push @wrong, "$what, and not to " . show($step->{should})
            if $step->{should} && $step->{should}{at} ne $moment;
        $count{moves}++ if $step->{should};
        next if !$true;
        push @wrong, "$what: $step->{stop}{state}, not $true->{state}"
            if $step->{stop}{state} ne $true->{state};
        $count{places}++;

        for my $part (grep { defined $step->{$_} } qw(memory variables)) {
            next if $part eq 'memory' && $with->{vague} && $true->{state} =~ $with->{vague};
            push @wrong,
                "$what: another $part" . difference($step->{$part}, $straight->{$moment}{$part})
                if $step->{$part} ne $straight->{$moment}{$part};
            $count{$part}++;
        }
    }
    ok(!@wrong, $title)
        or diag(scalar(@wrong), " differences:\n", join "\n", @wrong[0 .. min(9, $#wrong)]);
    return \%count;
}

sub difference {
    my ($one, $other) = @_;
    my $at = 0;
    $at++ while $at < length $one && $at < length $other && substr($one, $at, 1) eq substr $other,
        $at, 1;
    return ':' . join ' | ', map { substr $_, max(0, $at - 40), 100 } $one, $other;
}

# ---- last writes ----

# The value of an expression as a copy of the program has it, at these events: each an [ask, event].
sub values_at {
    my ($slice, @asks) = @_;
    my @answers =
        @{session($slice, map { ("go $_->[1]{at}", "ask evaluate $_->[0]") } @asks)->{answers}};
    my @values;
    while (my ($stop, $answer) = splice @answers, 0, 2) { push @values, $answer // '{}' }
    return @values;
}

# Is `wl` right about them? Each search is {title, rule, trail, start}: trail is every event at
# which the value can be told, [event, value] in the run's order, start the place in it where the
# search begins. Where the values of two differ, the event before the second has changed it: in the
# trail (`own`), or in the pass, where the value of some events in between may be unknown.
sub writes_found {
    my ($slice, $pass, @searches) = @_;
    my @told = map { stop_of($_) } @{
        session(
            $slice,
            map { ("go $_->{trail}[$_->{start}][0]{at}", 'back ' . encode_json($_->{rule})) }
                @searches
        )->{answers}};
    my (@wrong, $count);
    for my $search (@searches) {
        my (undef, $stop) = splice @told, 0, 2;
        my $trail = $search->{trail};
        my $at = $search->{start};
        $at-- while $at && $trail->[$at][1] eq $trail->[$at - 1][1];
        next if !$at;    # before all that is known
        my ($before, $after) = map { $trail->[$_][0] } $at - 1, $at;
        my @writes = $search->{own} ? $before : @{$pass}[$before->{i} .. $after->{i} - 1];
        $count++;
        push @wrong,
            "$search->{title} from "
            . show($trail->[$search->{start}][0]) . ': '
            . show($stop // {at => '', why => 'nothing'})
            . ', not '
            . show($writes[-1])
            if !$stop || !grep { $_->{at} eq $stop->{at} } @writes;
    }
    return (\@wrong, $count // 0);
}

1;
