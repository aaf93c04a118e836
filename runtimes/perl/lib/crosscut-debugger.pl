# SPDX-License-Identifier: GPL-2.0-or-later
# The debugger's dialogue, in a throwaway copy of the program: perl's own perl5db.pl, told where the
# program is, with what the session keeps for it from one copy to the next. What goes on in C
# around this: runtimes/perl/debug/debuggee.c.
#
# It works on symbol tables, and stands where perl5db and Term::ReadLine expect what they call.
## no critic (ProhibitNoStrict, ProhibitStringyEval, ProhibitBuiltinHomonyms, RequireArgUnpacking)
## no critic (RequireFilenameMatchesPackage, RequireUseStrict, RequireUseWarnings)

package Crosscut::Debugger;

# Before any lexical of ours is there to be seen, and any pragma. (One in the text would be a call
# of DB::sub, which may need this.)
sub compiled { local $^W = 0; return eval "$_[0]; 1" || die $@ }

use strict;
use warnings;
no warnings qw(once);

# From C: what there is to work with.
our ($environment, $interactive, $compiling, $parts, $library, @libraries, @returned);

my %asked;     # what the session has told of this stop
my $line;      # what is being done
my $warned;    # that changes vanish
my $sought;    # by `wl`: of what, in how many subs
my $death;     # of a program that died: the moment; "sought"

# ---- what is kept ----

my @scalars =
    qw(trace trace_to_depth laststep rc sh prc psh pager second_time runnonstop fall_off_end
    inpat histfile histsize deep lineinfo);
my @arrays = qw(hist truehist typeahead to_watch old_watch);
my @lists = qw(pre post pretype);    # references to them
my @hashes = qw(alias option postponed postponed_file break_on_load had_breakpoints);

sub variable { my ($type, $name) = @_; no strict 'refs'; return *{"DB::$name"}{$type} }

sub dump_variables {
    return grep {
               !/::\z/
            && ref \$dumpvar::{$_} eq 'GLOB'
            && defined ${*{$dumpvar::{$_}}{SCALAR}}
            && !ref ${*{$dumpvar::{$_}}{SCALAR}}
    } keys %dumpvar::;
}

sub lines_of {
    my ($file) = @_;
    no strict 'refs';
    return *{"main::_<$file"}{HASH};
}

sub files {
    return map { /\A_<(.*)/s ? $1 : () } keys %main::;
}

sub breakpoints {
    my %breakpoints;
    for my $file (files()) {
        my $lines = lines_of($file) or next;
        for my $number (grep { length $lines->{$_} } keys %{$lines}) {
            my $data =
                DB::_has_breakpoint_data_ref($file, $number)
                ? {%{DB::_get_breakpoint_data_ref($file, $number)}}
                : undef;
            push @{$breakpoints{$file}}, [$number, $lines->{$number}, $data];
        }
    }
    return \%breakpoints;
}

sub rest_of {
    my ($handle) = @_;
    local $/ = undef;
    return scalar readline $handle;
}

# Of the subs that something is postponed for.
sub defined_subs {
    return grep { defined &{$_} } keys %DB::postponed;
}

# All that is perl5db's, as plain data.
sub state {
    my %state;
    $state{scalars}{$_} = ${variable(SCALAR => $_)} for @scalars;
    $state{arrays}{$_} = [@{variable(ARRAY => $_)}] for @arrays;
    $state{lists}{$_} = [@{${variable(SCALAR => $_)} // []}] for @lists;
    $state{hashes}{$_} = {%{variable(HASH => $_)}} for @hashes;
    $state{options}{$_} = ${$DB::optionVars{$_}}
        for grep { !/\A(?:AutoTrace|ImmediateStop)\z/ } keys %DB::optionVars;
    $state{dump}{$_} = ${*{$dumpvar::{$_}}{SCALAR}} for dump_variables();
    $state{dumped} = defined &main::dumpvar ? 1 : 0;
    $state{levels} = {map { $_ => ${variable(SCALAR => $_)} } qw(warnLevel dieLevel signalLevel)};
    $state{subs} = [defined_subs()];
    $state{sources} = [map { rest_of($_) } @DB::cmdfhs];
    $state{breakpoints} = breakpoints();
    $state{warned} = $warned;
    $state{sought} = $sought;
    $state{death} = $death;
    $state{at} = $asked{at};
    $state{ornaments} = [@Term::ReadLine::TermCap::rl_term_set];
    return \%state;
}

sub set_breakpoints {
    my ($breakpoints) = @_;
    for my $file (keys %{$breakpoints}) {
        my $lines = do { no strict 'refs'; \%{"main::_<$file"} };
        for my $set (@{$breakpoints->{$file}}) {
            my ($number, $text, $data) = @{$set};
            $lines->{$number} = $text;
            %{DB::_get_breakpoint_data_ref($file, $number)} = %{$data} if $data;
        }
    }
    return;
}

sub restore {
    my ($state) = @_;
    ${variable(SCALAR => $_)} = $state->{scalars}{$_} for @scalars;
    @{variable(ARRAY => $_)} = @{$state->{arrays}{$_}} for @arrays;
    ${variable(SCALAR => $_)} = $state->{lists}{$_} for @lists;
    %{variable(HASH => $_)} = %{$state->{hashes}{$_}} for @hashes;
    ${$DB::optionVars{$_}} = $state->{options}{$_} for keys %{$state->{options}};
    do "$library/dumpvar.pl" if $state->{dumped};
    for my $level (qw(warnLevel dieLevel signalLevel)) {
        next if $state->{levels}{$level} == ${variable(SCALAR => $level)};
        no strict 'refs';
        &{"DB::$level"}($state->{levels}{$level});
    }
    { no strict 'refs'; ${"dumpvar::$_"} = $state->{dump}{$_} for keys %{$state->{dump}} }
    @DB::cmdfhs = map { open my $in, '<', \(my $text = $_ // ''); $in } @{$state->{sources}};
    set_breakpoints($state->{breakpoints});
    $warned = $state->{warned};
    $death = $state->{death};
    @Term::ReadLine::TermCap::rl_term_set = @{$state->{ornaments}};
    return;
}

# ---- sources ----

# perl reads no further than __END__, and what looks like it in POD is none.
sub compiled_lines {
    my ($text) = @_;
    my ($pod, @lines);
    for my $line ($text =~ /.*\n|.+/g) {
        push @lines, $line;
        $pod = $1 ne 'cut' if $line =~ /\A=([a-zA-Z]\w*)/;
        last if !$pod && $line =~ /\A__(?:END|DATA)__\b/;
    }
    return @lines;
}

# A file's lines are made when somebody looks at them.
package Crosscut::Lines {
    sub TIEARRAY { my ($class, $name) = @_; return bless {name => $name}, $class }

    sub lines {
        my ($self) = @_;
        return $self->{lines} //= do {
            my ($text, $statements) = Crosscut::Debugger::source_of($self->{name});
            my $number = 0;
            [
                undef,
                map { Crosscut::Debugger::breakable($_, $statements->[++$number] // 0) }
                    Crosscut::Debugger::compiled_lines($text)];
        };
    }
    sub FETCH { my ($self, $i) = @_; return $self->lines->[$i] }
    sub FETCHSIZE { my ($self) = @_; return scalar @{$self->lines} }
    sub STORE { my ($self, $i, $value) = @_; return $self->lines->[$i] = $value }
    sub STORESIZE {return}
    sub EXTEND {return}
    sub EXISTS { my ($self, $i) = @_; return exists $self->lines->[$i] }
    sub DELETE {return}
    sub CLEAR {return}
}

# The text of a one-liner was never read from anywhere.
sub one_liner {
    return if $0 ne '-e' || !open my $in, '<', '/proc/self/cmdline';
    my (undef, @arguments) = split /\0/, rest_of($in) // '', -1;
    my @text;
    while (@arguments) {
        local $_ = shift @arguments;
        last if !/\A-/ || $_ eq '--';
        if (/\A-[a-zA-Z0-9]*?[eE]\z/) { push @text, shift @arguments }
        elsif (/\A-[a-zA-Z0-9]*?[eE](.+)\z/s) { push @text, $1 }
        elsif (/\A-[IMm]\z/) { shift @arguments }
    }
    return map { Crosscut::Debugger::breakable("$_\n") } map { split /\n/ } @text;
}

sub show_sources {
    no strict 'refs';
    for my $name (source_names()) {
        ${"main::_<$name"} = "_<$name";
        if ($name eq '-e') { @{"main::_<$name"} = ("\n", one_liner()) }
        else { tie @{"main::_<$name"}, 'Crosscut::Lines', $name }
    }
    return;
}

# When the program is over, perl5db stops in itself.
sub show_own_source {
    open my $in, '<', "$library/perl5db.pl" or return;
    local $/ = "\n";
    no strict 'refs';
    @{"main::_<$library/perl5db.pl"} =
        (undef, map { breakable($_, 0) } compiled_lines(rest_of($in)));
    ${"main::_<$library/perl5db.pl"}[10380] = breakable(${"main::_<$library/perl5db.pl"}[10380], 1);
    return;
}

# ---- commands ----

# What is in quotes assigns nothing.
sub assigns {
    my ($text) = @_;
    $text =~ s/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/''/gs;
    return $text =~ /[\$\@%\]\}\w]\s*(?:[-+*\/.|&^x%]|\*\*|\|\||&&|\/\/|<<|>>)?=(?![=~>])/
        || $text =~
        /\+\+|--|\b(?:push|pop|shift|unshift|splice|delete)\b|\bundef\s*[(\$\@%&]|=~\s*(?:s|tr|y)\b/;
}

sub warn_of_changes {
    return if $warned++;
    print {$DB::OUT} "(in a copy: changes are gone when the program goes on)\n";
    return;
}

sub rule_lines {
    my @lines;
    for my $file (files()) {
        my $lines = lines_of($file) or next;
        for my $number (keys %{$lines}) {
            next
                if !length $lines->{$number}
                || !DB::_is_breakpoint_enabled($file, $number) && $lines->{$number} !~ /\0/;
            my ($stop, $action) = split /\0/, $lines->{$number};
            $stop = '' if !DB::_is_breakpoint_enabled($file, $number);
            push @lines, [$file, $number + 0, length $stop ? $stop : undef, length $action ? 1 : 0];
        }
    }
    return \@lines;
}

# Answers for good: nothing after it is done in this copy.
sub leave {
    my ($do, %with) = @_;
    STDOUT->flush() if defined fileno STDOUT;
    @{$asked{state}}{qw(hist truehist)} = ();
    answer({do => $do, state => state(), %with});
    return;
}

# How each command leads back, and what is said where there is nothing to come to.
my %back = (
    rs => ['in', 'nothing before this statement'],
    rn => ['over', 'nothing before this statement in this sub or its callers'],
    rr => ['out', 'nobody has called this'],
    rc => ['breaks', 'no breakpoint was passed, and nothing that is watched changed before'],
);

sub travel {
    my ($command) = @_;
    my ($how, $nothing) = @{$back{$command}};
    $DB::laststep = $command;
    my ($lines, $watches) = (rule_lines(), [map { [$_] } @DB::to_watch]);
    $nothing = 'there is no breakpoint, and nothing is watched'
        if $how eq 'breaks' && !@{$lines} && !@{$watches};
    leave(
        back => nothing => $nothing,
        rule => {back => $how, lines => $lines, watch => $watches, compiling => $compiling});
    return;
}

# Commands that perl5db does not have: what stands behind each, and what it does.
my %own = (
    rs => ['', 'go back to the statement before'],
    rn => ['', 'go back to the statement before in this sub, or in one that called it'],
    rr => ['', 'go back to the call of this sub'],
    rc => ['', 'go back to the last breakpoint, or change of what is watched, before'],
    wl => ['EXPR', 'go back to the last statement that gave EXPR another value'],
    back => ['', 'undo the last move: go to where it began; again: the one before that'],
    when => ['', 'tell the moment: host calls so far, and statements since the last'],
    go => ['TIME', 'go to a moment, as `when` tells it'],
);
my @own = qw(rs rn rr rc wl back when go);
my $own = join '|', @own;
sub own_commands { return @own }

sub help_with {
    my (@names) = @_;
    printf {$DB::OUT} "  %-9s  %s\n", "$_ $own{$_}[0]", $own{$_}[1] for @names;
    return;
}

# A command of ours. 1: it is done; 0: perl5db has to evaluate something.
sub own_command {
    my ($command, $argument) = @_;
    if (length $argument xor length $own{$command}[0]) {
        print {$DB::OUT} length $argument
            ? "$command takes nothing behind it:\n"
            : "$command: $own{$command}[0] is missing:\n";
        help_with($command);
    }
    elsif ($back{$command}) { travel($command) }
    elsif ($command eq 'go') { leave(go => at => $argument) }
    elsif ($command eq 'back') { leave('undo') }
    elsif ($command eq 'when') { print {$DB::OUT} "$asked{at}\n" }
    else {    # perl5db evaluates it where the program is
        my $quoted = $argument =~ s/([\\'])/\\$1/gr;
        $DB::cmd = "Crosscut::Debugger::last_write('$quoted', $argument)";
        return 0;
    }
    return 1;
}

# perl5db calls this with each command, before it looks at it itself. 1: it is done.
sub command {
    my ($command) = @_;
    $line = $command //= '';    # `H *` leaves none
    if ($command =~ /\A($own)(?:\s+(\S.*?))?\s*\z/s) {
        return own_command($1, $2 // '');
    }
    elsif ($command =~ /\Ah\s+($own)\z/) { help_with($1) }
    elsif ($command =~ /\A(?:R|rerun)\z/) { leave('restart') }
    elsif ($command =~ /\Ab\s+([^:\s]+):(\d+)\b\s*(.*)\z/s) { return break_in_file($1, $2, $3) }
    elsif ($command eq 'q') { leave('quit') }
    else {
        if ($command =~ /\Ah(?:\s+h)?\z/) {
            print {$DB::OUT} "In a past run, besides:\n";
            help_with(@own);
        }
        my ($verb, $rest) = $command =~ /\A([pxm]|print)\b(.*)/s ? ($1, $2) : ('', $command);
        warn_of_changes()
            if ($verb || $command !~ /\A(?:[a-zA-Z]\b|[.\/?!|{<>=-]|\w+\z)/) && assigns($rest);
        return 0;
    }
    return 1;
}

# The file of the run that a name, or the end of a path, means: also one that it loads later. undef:
# which that is has been said.
sub file_named {
    my ($end) = @_;
    my @loaded = grep { $_ eq $end || m{/\Q$end\E\z} } source_names();
    return $end if grep { $_ eq $end } @loaded;
    my $read = request({request => 'sources', end => $end});
    my %found = map { $_ => 1 } @loaded, map { $_->{path} } @{$read->{files}};
    my @found = sort keys %found;
    return $found[0] if @found == 1;
    return $end if $found{$end};
    print {$DB::OUT} @found
        ? "$end: which one: @found\n"
        : "$end: the run has no such file"
        . (@{$read->{near}} ? "; it has @{$read->{near}}" : '') . "\n";
    return;
}

# `b FILE:LINE CONDITION`. perl5db knows files that are loaded. 1: it is done.
sub break_in_file {
    my ($end, $number, $condition) = @_;
    my $file = file_named($end) // return 1;
    if (grep { $_ eq $file } source_names()) {
        $DB::cmd = "b $file:$number $condition";
        return 0;
    }
    $DB::postponed_file{$file}{$number} = length $condition ? $condition : 1;
    print {$DB::OUT} "$file is loaded later: the breakpoint is set then\n";
    return 1;
}

# A file is loaded, for which breakpoints have waited.
sub set_postponed {
    my ($file) = @_;
    my @waiting = sort { $a <=> $b } keys %{$DB::postponed_file{$file} // {}};
    my ($glob, $lines) = do { no strict 'refs'; (*{"main::_<$file"}, \@{"main::_<$file"}) };
    DB::postponed($glob);
    for my $number (@waiting) {
        DB::_set_breakpoint_enabled_status($file, $number, 1);
        print {$DB::OUT} "Line $number of '$file' not breakable.\n"
            if !defined $lines->[$number] || $lines->[$number] == 0;
    }
    return;
}

sub last_write {
    my ($expression, @now) = @_;
    my $anywhere = $expression =~ /::/ ? 1 : 0;
    $sought = {expression => $expression, depth => $asked{depth}, lasting => $anywhere};
    leave(
        back => nothing => "$expression has not changed before",
        rule => {
            back => 'change',
            expression => $expression,
            anywhere => $anywhere,
            compiling => $compiling
        });
    return;
}

sub intercept {
    my $original = \&DB::Obj::_handle_special_char_cmd_wrapper_commands;
    no warnings qw(redefine exiting);
    *DB::Obj::_handle_special_char_cmd_wrapper_commands = sub {
        next CMD if command($DB::cmd);
        return $original->(@_);
    };
    return;
}

# After a way that was not the program's own, what is watched is compared with what it was just before
# this statement: where the way has led to a change, with what that changed; else it has not changed.
# (In the package DB, or names in what is watched would be ours.)
{

    package DB;

    sub crosscut_watch_anew {
        my ($before) = @_;
        my $original = \&DB::_DB__handle_watch_expressions;
        no warnings qw(redefine);
        *DB::_DB__handle_watch_expressions = sub {
            *DB::_DB__handle_watch_expressions = $original;
            my $signal = $DB::signal;
            {
                open my $nowhere, '>', \my $unseen;
                local $DB::OUT = $nowhere;
                &{$original};
            }
            $DB::signal = $signal;
            return if !$before;
            @DB::old_watch = map { $_ // q{} } @{$before};
            return &{$original};
        };
        return;
    }
}

# ---- reading commands ----

package Crosscut::Terminal {
    our @ISA = 'Term::ReadLine::Stub';

    sub readline {
        my ($self, $prompt) = @_;
        Crosscut::Debugger::request({request => 'keep', state => Crosscut::Debugger::state()});
        return $self->SUPER::readline($prompt) if !$Crosscut::Debugger::interactive;
        my $answer = Crosscut::Debugger::read_completing({prompt => $prompt});
        return $answer->{end} ? undef : $answer->{line};
    }

    # Where perl5db knows nothing better: not what is on this machine.
    sub filename_list { my ($self, $text) = @_; return Crosscut::Debugger::subs_like($text) }

    sub get_line {
        my $answer = Crosscut::Debugger::request({request => 'readline', prompt => ''});
        return $answer->{end} ? undef : "$answer->{line}\n";
    }
}

# ---- beginning and end ----

# perl5db.pl takes most of a dialogue's time to compile. What was written when Crosscut was built is
# it without the subs that are rarely needed, if it is this one's (runtimes/perl/split-perl5db).
my ($whole, $ours, %compiled);

sub load_parts {
    ($whole) = grep {-r} map {"$_/perl5db.pl"} @INC;
    open my $in, '<', $parts or return 0;
    my ($size, @ours) = split ' ', readline $in;
    return 0 if !$whole || $size != -s $whole;
    $ours = join ', ', @ours;
    $INC{'perl5db.pl'} = $whole;
    my $text = rest_of($in);
    compiled($text);
    return 1;
}

# A stub may be called again: somebody has taken a reference to it before.
sub compile {
    no strict 'refs';
    my ($package, $name, $from, $length, $line_number) = @_;
    return $compiled{"${package}::$name"} //= do {
        compile_now(@_);
        my $code = \&{"${package}::$name"};
        $name eq 'LineInfo' && $asked{state}
            ? sub {
            $code->(map {s/\A(?=[^>+|])/>>/r} @_);
            }
            : $code;    # in other copies, too
    };
}

sub compile_now {
    my ($package, $name, $from, $length, $line_number) = @_;
    local ($@, $!, $/, $_);
    open my $in, '<', $whole or die "$whole: $!\n";
    seek $in, $from, 0;
    read $in, my ($text), $length;
    compiled("package DB; our ($ours); package $package;\n# line $line_number \"$whole\"\n$text");
    return;
}

package Crosscut::One {
    sub TIESCALAR { return bless {}, shift }
    sub FETCH { return 1 }
    sub STORE {return}
}

sub load {
    my ($again) = @_;
    # What perl5db looks at is the user's, not the run's: also that it is not set.
    my %users = map { /\A([^=]+)(?:=(.*))?\z/s ? ($1 => $2) : () } split /\0/, $environment;
    local @ENV{keys %users} = values %users;
    delete @ENV{grep { !defined $users{$_} } keys %users};
    local @INC = @libraries;
    local ($/, $\, $,, $_, $@, $!) = ("\n");
    my %handlers = map { $_ => $SIG{$_} } qw(__DIE__ __WARN__);
    delete @SIG{keys %handlers};
    $DB::tty = '/dev/null/tty';    # the session has the terminal: a copy may not open it
    tie $DB::runnonstop, 'Crosscut::One'
        if $again;                 # it says hello once, whatever the user's .perldb sets
    $DB::pager = $again->{scalars}{pager} if $again;    # or a large file is looked into for it
    {    # as it is compiled under -d: it calls itself through DB::sub, and `S` lists it
        local $^P = 0x315;
        load_parts() || require 'perl5db.pl';
        require Term::ReadLine;
    }
    delete @INC{grep {m{/crosscut-\w+[.]pl\z}} keys %INC};
    if ($again) { untie $DB::runnonstop; $DB::runnonstop = 0 }
    # Ornaments are of the terminal, which the session has; they are asked of another program, too.
    local $ENV{PERL_RL} = 'Stub o=0';
    DB::setterm();
    bless $DB::term, 'Crosscut::Terminal';
    $DB::console = $DB::lineinfo = '/dev/tty';
    $DB::tty = $interactive ? $DB::console : undef;
    for my $name (grep { defined $handlers{$_} } keys %handlers) {
        $SIG{$name} = $handlers{$name};
    }
    return;
}

# perl tells its debugger of each file and sub that it has compiled. Files: C knows.
sub note_loaded {
    my ($files, $subs) = @_;
    my %known = map { $_ => 1 } @{$subs};
    DB::postponed_sub($_) for grep { !$known{$_} } defined_subs();
    set_postponed($_) for @{$files};
    return;
}

# For which files and subs C has to wait.
sub awaited {
    my %there = map { $_ => 1 } defined_subs();
    my %files = (%DB::postponed_file, %DB::break_on_load);
    return {files => [keys %files], subs => [grep { !$there{$_} } keys %DB::postponed]};
}

# `wl` has come to a change, or to where the sub that looked was called. If it is the last statement of
# a sub that had returned by then, a caller's statement has changed the value.
sub say_found {
    my ($wanted) = @_;
    my $left = $asked{found} ? $asked{found}{left} : $wanted->{left} // 0;
    if ($left > 0) {
        $sought = {%{$wanted}, left => $left - 1};
        leave(back => 'goes-on' => 1, rule => {back => 'out', compiling => $compiling});
    }
    print {$DB::OUT} "$wanted->{expression}: unchanged in this sub before: at its call\n"
        if !$wanted->{lasting} && $asked{depth} < $wanted->{depth};
    return;
}

sub is_before {
    my ($calls, $events, $other_calls, $other_events) = map { split /[.]/ } @_;
    return $calls < $other_calls || $calls == $other_calls && $events < $other_events;
}

# The program has died: from before that, the way to the end leads to the statement first.
sub stand_at_death {
    my ($again) = @_;
    if (($death // '') eq 'sought') {
        $death = $asked{at};
        print {$DB::OUT} "The program died here. `c` leads to its end.\n" if $asked{why} eq 'rule';
    }
    elsif ($asked{died} && $again && (!defined $death || is_before($again->{at}, $death))) {
        $death = 'sought';
        leave(
            back => nothing => 'it cannot be told at which statement the program died',
            'goes-on' => 1,
            rule => {back => 'died', compiling => 1});
    }
    return;
}

sub prepare {
    my ($with) = @_;
    %asked = %{$with // {}};
    my $again = $asked{state};
    load($again);
    intercept();
    show_sources();
    restore($asked{state}) if $again;
    print {$DB::OUT} "(a past run: rs, rn, rr, rc, wl and back lead back in it: see h back)\n"
        if !$again;
    $asked{text} //= "the program ended here, with status $asked{status}"
        if $asked{why} eq 'end' && !$with->{ended};
    print {$DB::OUT} "$_\n" for grep {length} @asked{qw(note text)};
    say_found($again->{sought}) if $again && $again->{sought} && $asked{why} eq 'rule';
    stand_at_death($again);
    my $now = rule_now();
    $DB::trace = $now->{trace} if defined $now->{trace};
    note_subs();
    note_loaded($now->{loaded}, $asked{state}{subs}) if $again;
    $#{$now->{stack}} = $with->{depth} - 1;
    $_ //= 0 for @{$now->{stack}};
    $DB::stack_depth = @{$now->{stack}};
    @DB::stack = (0, @{$now->{stack}});
    $DB::single = $now->{single};
    $DB::doret = $now->{doret};
    DB::crosscut_watch_anew(ref $asked{found} eq 'ARRAY' ? $asked{found} : undef)
        if $again && $now->{travelled};
    $DB::signal = 1
        if $asked{why} =~ /\A(?:interrupted|limit|died|here)\z/
        || $asked{why} eq 'end' && !$with->{ended}
        || $now->{travelled}
        || $now->{signal};
    return {quit => 1}
        if $with->{ended} && $DB::fall_off_end;    # the commands were at their end before

    if ($with->{ended}) {
        print {$DB::OUT}
            "(a past run: this is its end; rs, rn, rc, wl and back lead back from it: see h back)\n";
        $DB::finished = $DB::single = 1;
        $DB::stack_depth = 2;                      # END and at_exit, in which perl5db is then
        show_own_source();
    }
    return {};
}

sub finish {
    my %rule = (
        single => $DB::single + 0,
        stack => [map { ($_ // 0) + 0 } @DB::stack[1 .. $DB::stack_depth]],
        doret => ($DB::doret // -2) + 0,
        lines => rule_lines(),
        watch => [map { [$DB::to_watch[$_], $DB::old_watch[$_]] } 0 .. $#DB::to_watch],
        always => $DB::trace & ~2 ? 1 : 0,
        loads => awaited(),
        compiling => $compiling,
    );
    my $state = state();
    return {do => 'run', state => $state, rule => {%rule, state => $state}};
}

# ---- without a dialogue ----

# What DB::sub does when a sub has returned to which `r` was told to go.
sub show_returned {
    my ($with) = @_;
    my $name = $DB::sub;
    load($with->{state});
    restore($with->{state});
    local $\ = '';
    if ($with->{context} eq 'list') {
        print {$DB::OUT} "list context return from $name:\n";
        DB::dumpit($DB::OUT, \@returned);
    }
    elsif ($with->{context} eq 'scalar') {
        print {$DB::OUT} "scalar context return from $name: ";
        DB::dumpit($DB::OUT, $returned[0]);
    }
    else { print {$DB::OUT} "void context return from $name\n" }
    return {};
}

1;
