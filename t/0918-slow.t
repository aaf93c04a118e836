#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes long in the debuggers says so, and how it would be quick; what is not there is quick.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP;
use Test::More;

my $terminal = "$FindBin::Bin/tools/terminal.py";
my %option = (perl => '-d', python => '--pdb');
my %prompt = (perl => 'DB<\\d+> $', python => '\\(Pdb\\) $');

my %rounds = (
    perl => <<'END',
my $sum = 0;
our $there = 1;
for my $i (1 .. 75_000) {
    $sum += $i;
}
print join(' ', $sum, grep {/\A(?:nosuch|No::)/} keys %main::), "\n";
END
    python => <<'END',
total = 0
for i in range(75_000):
    total += i
print(total)
END
);

my %slice;
for my $language (qw(perl python)) {
    my ($run, $slice) =
        live_record('rounds', [], language => $language, source => $rounds{$language});
    is($run->{status}, 0, "rounds in $language runs") or BAIL_OUT($run->{stderr});
    $slice{$language} = {slice => $slice, run => $run};
}

# Of 75,000 rounds that were looked at in copies, nobody would see the end within this time.
sub debug_soon {
    my ($language, @commands) = @_;
    return run(
        {timeout => 60, stdin => join "\n", @commands, 'q', ''},
        command("cc-$language-replay"), $option{$language},
        $slice{$language}{slice});
}

subtest 'a package variable that does not exist is plain' => sub {
    my @names = (
        '$main::nosuch', '$nosuch', '$No::Such::thing', '@main::nosuch', '$main::nosuch{a}{b}',
        '$main::NOSUCH[3]'
    );
    my $said =
        debug_soon('perl', 'c 6', (map {"wl $_"} @names), 'b 4 $main::nosuch == 1', 'R', 'c');
    is($said->{status}, 0, 'all of them are looked for in time') or return;
    like(
        $said->{stdout} . $said->{stderr},
        qr/^(?:  DB<\d+> )*\Q$_\E has not changed before: staying here$/m, $_
    ) for @names;
    like(
        $said->{stdout} . $said->{stderr}, qr/^(?:  DB<\d+> )*Debugged program terminated/m,
        'in a condition, too'
    );
    my $print = run(
        {timeout => 60}, command('cc-perl-replay'), '--print', 'rounds.pl:4:$main::nosuch',
        '--print', 'rounds.pl:6:scalar(@main::nosuch) . "$No::Such::thing"',
        $slice{perl}{slice});
    is($print->{stdout}, $slice{perl}{run}{stdout}, 'none comes to be by that');
    is(scalar(() = $print->{stderr} =~ /^\[\S+ rounds\.pl:4\] $/mg), 75_000, 'undef, each time');
    like($print->{stderr}, qr/^\[\S+ rounds\.pl:6\] 0$/m, 'and an empty list');
};

# What is seen at a terminal: [keys, pattern that is awaited].
sub type {
    my ($language, @steps) = @_;
    my $result = run(
        {timeout => 200, stdin => encode_json(\@steps)},
        'python3', $terminal, 60, command("cc-$language-replay"), $option{$language},
        $slice{$language}{slice});
    my $answers = eval { decode_json($result->{stdout}) } // [];
    unlike("@{$answers}", qr/TIMEOUT/, "$language: each key is answered")
        or diag($result->{stderr});
    return @{$answers};
}

my %slow = (
    perl => ['b 4 substr("$i", 0) eq "x"', 'wl substr($i, 0) . "x"', 'length, defined'],
    python => ['b 3, str(i) == "x"', 'wl str(i) * 0', 'comparisons, arithmetic'],
);

subtest 'what is evaluated in copies says how far it is, and ^C where it stands' => sub {
    for my $language (qw(perl python)) {
        my ($break, $search, $plain) = @{$slow{$language}};
        my $prompt = $prompt{$language};
        my ($expression) = $break =~ /\A\S \d+,? (.*)/;
        my @seen = type(
            $language, ['', $prompt], ["$break\n", $prompt], ["c\n", 'read at once.*'],
            ['', '\(at [\d.]+, \d+ times in a copy; \^C stops\).*\(at'], ["\cC", $prompt],
            ["when\n", $prompt], ["$search\n", '\(at [\d.]+, \d+ times in a copy'],
            ["\cC", $prompt],
            ["when\n", $prompt]);
        like(
            $seen[2],
            qr/^(?:.*\r(?:\e\[K)?)?cc-$language-replay: \Q$expression\E: this is evaluated in a copy .*read at once is what has only .*$plain/m,
            'after a while, it says what would be quick'
        );
        my ($there) = $seen[5] =~ /(\d+\.\d+)\r/;
        ok($there, '^C leads to a moment') or next;
        like($seen[4], qr/interrupted at \Q$there\E\b/, 'and that is said');
        like(
            $seen[7],
            qr/interrupted: searched from \d+\.\d+ to \d+\.\d+.*(?:nothing found so far|found so far is at [\d.]+): staying at \Q$there\E\b/,
            'a search says how far it has come'
        );
        like($seen[8], qr/^\Q$there\E\r$/m, 'and stays');
    }
};

subtest 'actions say so as well' => sub {
    my @seen = type(
        'perl', ['', $prompt{perl}], ["a 4 \$main::y++\n", $prompt{perl}],
        ["c\n", 'an action is done in a copy .*--print'], ['', '\d+ actions; \^C stops'],
        ["\cC", $prompt{perl}]);
    like($seen[2], qr/takes \d+ milliseconds here/, 'and how long one takes');
};

subtest 'without a terminal there is one line' => sub {
    my $said = run(
        {timeout => 4, stdin => "b 3, str(i) == 'x'\nc\nq\n"}, command('cc-python-replay'), '--pdb',
        $slice{python}{slice});
    my @lines = grep {/copy/} split /\n/, $said->{stderr};
    is(scalar @lines, 1, 'one') or diag($said->{stderr});
    like(
        $lines[0], qr/\Acc-python-replay: str\(i\) == 'x': this is evaluated/,
        'which says what it is'
    );
};

done_testing;
