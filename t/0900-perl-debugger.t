#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Perl's debugger over a past run says what `perl -d` says of the living program, command for
# command. What may differ is in doc/debugging.md, and taken out here and nowhere else.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use Test::More;

my %slices;    # by program
my $from = programs() . '/debugger';

# Addresses, and the numbers of string evals: the debugger makes some itself. What is there for past
# runs only.
sub comparable {
    my ($text) = @_;
    $text =~
        s/\(a past run: .*\n|In a past run, besides:\n(?:  (?:rs|rn|rr|rc|wl|back|when|go) .*\n)+//gm;
    return $text =~ s/\(0x[0-9a-f]+\)/(0x)/gr =~ s/\(eval \d+\)/(eval)/gr;
}

# A program of t/programs/debugger, and its module if it has one.
sub copy_to {
    my ($dir, $program) = @_;
    for my $file (grep { -e "$from/$_" } "$program.pl", "$program.pm") {
        copy("$from/$file", "$dir/$file") or die "$file: $!";
    }
    return;
}

sub record {
    my ($program) = @_;
    my $work = scratch($program);
    my $slice = "$work/slice.plog";
    copy_to($work, $program);
    my $run = record_natively($slice, {dir => $work}, "$program.pl");
    die "$program cannot be recorded: $run->{stderr}" if $run->{status};
    unlink "$work/$program.pl", "$work/$program.pm";
    return {slice => $slice, run => $run};
}

sub files_in {
    my ($dir, $files) = @_;
    spew("$dir/$_", $files->{$_}) for keys %{$files};
    return $dir;
}

my $quiet = {TERM => 'dumb', PERL_RL => ' o=0', HOME => '/nonexistent'};

# One transcript: the same commands to both. files => what is there for the debugger to read.
sub both {
    my ($program, $commands, %with) = @_;
    my $typed = join '', map {"$_\n"} @{$commands};
    my $there = files_in(scratch('live'), $with{files});
    copy_to($there, $program);
    my $live = run({dir => $there, stdin => $typed, env => $quiet}, 'perl', '-d', "$program.pl");
    my $here = files_in(scratch('past'), $with{files});
    my $past = run(
        {dir => $here, stdin => $typed, env => $quiet, timeout => 120},
        command('cc-perl-replay'), @{$with{options} // []}, '-d', $slices{$program}{slice});
    for my $run ($live, $past) { $run->{$_} = comparable($run->{$_}) for qw(stdout stderr) }
    return [$past, $live];
}

my @transcripts;

sub transcript {
    my ($program, @what) = @_;
    push @transcripts, [$program, @what] if chosen($program);
    return;
}

transcript(shop => 'stepping into everything', [('s') x 16, 'c 34', ('s') x 14, 'q']);
transcript(shop => 'stepping over subs, to the end', ['c 33', ('n') x 14, 'q']);
transcript(
    shop => 'an empty line repeats the step',
    ['n', '', '', 's', '', '', '', 'r', '', 'c', 'q']);
transcript(
    shop => 'breakpoints by line and sub',
    ['b 22', 'b Shop::add', 'L', 'c', 'c', 'T', 'c', 'B 22', 'L', 'c', 'c', 'B *', 'c', 'q']);
transcript(
    shop => 'a condition',
    ['b 14 $price > 4', 'c', 'p $name', 'c', 'p "$name $price"', 'c', 'q']);
transcript(shop => 'an action', ['a 22 print "sum $sum\n"', 'b 24', 'c', 'L', 'A 22', 'c', 'q']);
transcript(
    shop => 'once to a line or a sub',
    ['c 32', 'p $name', 'c Shop::total', 'x @_', 'c 9999', 'c nowhere', 'c', 'q']);
transcript(
    shop => 'values, simple and deep',
    [
        'c 47', 'x $shop', 'x 1 $shop', 'p scalar @names', 'x \@names, {a => 1}', 'p $nothing',
        'x $shop->total', 'm $shop', 'q'
    ]);
transcript(
    shop => 'returning, with what is returned',
    ['c Shop::add', 'r', 'c Shop::total', 'r', 's', 's', 'r', 'q']);
transcript(
    shop => 'listing',
    [
        'l', 'l', '-', 'l 10', 'l 10-14', 'l 10+3', 'l Shop::total', 'v', 'v 20', '.', '/sum/',
        '?pear?', 'f shop.pl', 'f nothing', 'q'
    ]);
transcript(shop => 'who called', ['b 37', 'c', 'T', 'p "@_"', 's', 's', 'q']);
transcript(
    flow => 'stepping into everything, to the end',
    ['c 13', ('s') x 12, 'c 56', ('s') x 22, 'q']);
transcript(flow => 'stepping over subs', ['c 38', ('n') x 16, 'q']);
transcript(flow => 'recursion', ['b 11 $n == 2', 'c', 'T', 'r', 'r', 'r', 'r', 'r', 'q']);
transcript(flow => 'returned lists and scalars', ['b words', 'c', 'r', 'c', 'r', 'q']);
transcript(flow => 'exceptions', ['b fails', 'c', 'T', 'n', 'n', 'n', 'n', 'c', 'r', 'x $@', 'q']);
transcript(flow => 'watching', ['w $i', 'c', 'c', 'c', 'W $i', 'L', 'c', 'q']);
transcript(flow => 'tracing', ['c 45', 't', 'c 52', 't', 'c', 'q']);
transcript(
    flow => 'variables of packages',
    ['c 60', 'V main trail', 'X level', 'X trail seen', 'S fact', 'S made', 'q']);
transcript(
    flow => 'commands before and after',
    [
        '< print "pre\n"', '> print "post\n"', '{ p 6 * 7', 's', 's', '< ?', '{ ?', '> ?', '{ *',
        's', 'q'
    ]);
transcript(
    flow => 'options, history and aliases',
    [
        'o windowSize=4', 'l', 'o hashDepth', '= len print length', 'len "abc"', 'H', '!2', 'H -2',
        'q'
    ]);
transcript(
    flow => 'what is evaluated runs the program\'s subs',
    ['c 52', 'p fact(6)', 'x words("a b")', 'x guarded("object")', 'p fact("x")', 'die "oh"', 'q']);
transcript(
    flow => 'stepping into what is evaluated',
    ['c 52', 's fact(2)', 's', 's', 's', 's', 's', 's', 's', 'c', 'q']);
transcript(
    flow => 'sort and map blocks, and string evals',
    [
        'c 59', 'l', 's', 's', 's', 'p $a', 's', 's', 'c 62', 's', 's', 's', 's', 's', 's', 's',
        'l', 's', 's', 'q'
    ]);
transcript(
    flow => 'enabling and disabling',
    ['b 10', 'disable 10', 'L', 'c 38', 'enable 10', 'c', 'q']);
transcript(
    shop => 'a file of its own',
    ['s', 'p 3', 'q'],
    files => {
        '.perldb' =>
            "parse_options('windowSize=3 PrintRet=0');\nsub DB::afterinit { push \@DB::typeahead, 'b Shop::total', 'c', 'l' }\n"
    });
transcript(
    shop => 'commands from a file', ['source more', 's', 'q'],
    options => ['--allow-host'],
    files => {more => "b Shop::total\nc\np 1\n"});
transcript(shop => 'help', ['h', 'h c', 'h h', 'h nothing', 'q']);
transcript(shop => 'the end of the commands', ['b Shop::total', 'c']);

transcript(
    asks => 'files and subs that come',
    ['b load ./asks.pm', 'b postpone Asks::two', 'L', 'c', 'l 1-4', 'L', 'c', 'T', 'q']);
transcript(asks => 'a sub that comes', ['b compile Asks::one', 'c', 'l', 'q']);
transcript(asks => 'into what a file uses', ['c 9', ('s') x 8, 'l 1-5', 'b 3', 'c Asks::two', 'q']);
transcript(
    asks => 'a program that stops itself',
    ['c', 'p $DB::single', 'l', 'n', 'c 21', 'n', 'n', 'n', 'r', 'q']);
transcript(
    asks => 'tracing to a depth',
    ['c 18', 't 2', 'c 21', 't', 'o frame=2', 'p 1', 'o frame=0', 'q']);
transcript(
    asks => 'what holds is what perl5db takes for it',
    [
        'b 12 pair($i) && $i == 2', 'c', 'p $i', 'B 12', 'b 12 @{[@few]}', 'c', 'p $i',
        'b 12 die "no"', 'b 3', 'q'
    ]);
transcript(
    asks => 'subs, also those without a name',
    [
        'c 20', 'S ^main::(?!BEGIN)', 'S ^Asks::[^B]',
        'S !^(?:[A-Z]|strict|warnings|main|v|dumpvar|bytes|utf8|feature|constant|overload|re|lib|mro|subs)',
        'm Asks', 'q'
    ]);
transcript(
    asks => 'pipes, the shell, history and what is kept of it',
    [
        '|p 12', '|| p 13', '!!echo hi', 'p 1', '!1', '!-2', 'H', 'H -1', 'save it', '!!cat it',
        'H *', 'H', 'p 2', 'q'
    ],
    options => ['--allow-host']);
transcript(
    asks => 'lexicals, inheritance, files, searching',
    [
        'c Asks::one', 'y', 'y 1', 'i Asks', 'f asks.pl', '/count/', '?pair?', 'f ./asks.pm', 'l',
        '.', 'q'
    ]);
transcript(
    asks => 'positions in a file of their own', ['n', 'c 12', 'n', '!!cat trace', 'q'],
    options => ['--allow-host'],
    files => {'.perldb' => "parse_options('LineInfo=trace NonStop=0');\n"});

$slices{$_} //= record($_) for map { $_->[0] } @transcripts;
my @came = at_once(
    4,
    map {
        my ($program, undef, @how) = @{$_};
        sub { return both($program, @how) }
    } @transcripts
);
for my $i (0 .. $#transcripts) {
    my ($past, $live) = @{$came[$i] // [{}, {}]};
    same($past, $live, "$transcripts[$i][0]: $transcripts[$i][1]");
}

done_testing;
