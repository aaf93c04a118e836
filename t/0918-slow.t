#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What takes long in the debuggers says so, and how it would be quick; what is not there is quick.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

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
        command("cc-$language-replay"), $language eq 'perl' ? '-d' : '--pdb',
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

done_testing;
