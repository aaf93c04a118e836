#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The bug hunts of the README: what is typed there is typed, and what is shown there is answered.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Dialogue;
use Crosscut::Test;
use Test::More;

my $root = "$FindBin::Bin/..";

# Each hunt of the README: {program, language, slice, turns => [[command, line…]…]}.
sub hunts {
    my @hunts;
    for my $line (split /\n/, slurp("$root/README.md")) {
        if ($line =~ /\A    \$ cc-(\w+)-replay -\S+ (\w+)\.(\w+)\z/) {
            push @hunts, {language => $1, name => $2, slice => "$2.$3", turns => []};
        }
        elsif ($line !~ /\A    / || $line =~ /\A    \$/) {
            push @hunts, undef;    # the transcript is over
        }
        elsif ($hunts[-1] && $line =~ /\A      DB<\d+> (.*)|\A    \(Pdb\) (.*)/) {
            push @{$hunts[-1]{turns}}, [$1 // $2];
        }
        elsif ($hunts[-1] && @{$hunts[-1]{turns}}) {
            push @{$hunts[-1]{turns}[-1]}, $line =~ s/\A    //r;
        }
    }
    return grep { $_ && @{$_->{turns}} } @hunts;
}

# A line as it is shown: "…" is left out.
sub pattern {
    my ($line) = @_;
    return join '.*', map {quotemeta} split /\xe2\x80\xa6/, $line;
}

my %suffix = (perl => 'pl', python => 'py');
my @hunts = hunts();
is_deeply([sort map { $_->{language} } @hunts], [qw(perl python)], 'one in each language');

# A day on which the hash has the order of the README.
my %files = map { ("$_->{name}.$suffix{$_->{language}}" => undef) } @hunts;
$files{$_} = slurp("$root/contrib/hunts/$_") for keys %files;
my $run = vm_record(
    'hunts',
    ['sh', '-c', 'PERL_HASH_SEED=3 PERL_PERTURB_KEYS=0 perl discount.pl; python3 bank.py'],
    files => \%files
);
isnt($run->{status}, 0, 'the programs fail');
my %slice = map { $_->{argv}[1] => $_->{slice} } grep { $_->{slice} } vm_slices($run->{log});

for my $hunt (@hunts) {
    my $program = "$hunt->{name}.$suffix{$hunt->{language}}";
    cmp_ok(scalar @{$hunt->{turns}}, '<=', 10, "$program: in ten lines");
    dialogue(
        $hunt->{language},
        $slice{$program},
        $program,
        "$program, as the README hunts it",
        map {
            my ($command, @lines) = @{$_};
            my $all = join '\n(?:.*\n)*?', map { pattern($_) } @lines;
            [$command, $all eq '' ? () : qr/^$all\n/m]
        } @{$hunt->{turns}});
}

done_testing;
