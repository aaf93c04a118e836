#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A run under a generated locale replays where that locale is not installed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

# Collation, case and decimal comma differ from C in all of these.
my @locales = (
    ['pl_PL.UTF-8', 'pl_PL', 'UTF-8'],
    ['sv_SE.UTF-8', 'sv_SE', 'UTF-8'],
    ['de_DE.ISO-8859-1', 'de_DE', 'ISO-8859-1']);

plan(skip_all => 'the package locales is not installed: no locale can be generated')
    if !-d '/usr/share/i18n/locales';

sub generate {
    my ($dir) = @_;
    mkdir "$dir/locales" or die "$dir/locales: $!";
    for my $locale (@locales) {
        my ($name, $source, $charmap) = @{$locale};
        my $made = run(
            {timeout => 120},
            'localedef', '--no-archive', '-i', $source, '-f', $charmap, "$dir/locales/$name"
        );
        die $made->{stderr} if !-e "$dir/locales/$name/LC_CTYPE";
    }
    return;
}

my @names = map { $_->[0] } @locales;
my $tree = scratch('generated');
generate($tree);
my $copy = sub {
    my ($dir) = @_;
    succeeds(run({}, 'cp', '-r', "$tree/locales", $dir), 'locales are generated');
    return;
};
my $shell = join '; ', map {"LOCPATH=locales LC_ALL=$_ perl locales.pl @names"} $names[0];
vm(
    'locales', ['sh', '-c', $shell],
    title => "recorded in a machine under $names[0]",
    programs => ['locales'],
    prepare => $copy,
    prints => qr/locale 'pl_PL\.UTF-8': pl_PL\.UTF-8\n  sorted: .*\n(?:.*\n)*?  date: wtorek/
);

# Natively: recorded with the locales there, replayed with them gone.
my %recorded;
for my $name (@names) {
    my %env = (LOCPATH => "$tree/locales", LC_ALL => $name);
    $recorded{$name} = [live_record('locales', \@names, env => \%env)];
}
rename "$tree/locales", "$tree/gone" or die "$tree: $!";
for my $name (@names) {
    my ($run, $slice) = @{$recorded{$name}};
    like($run->{stdout}, qr/^initial: \Q$name\E,/, "a run under $name is recorded natively");
    same(replay($slice), $run, '... and replayed, the locale gone: the same');
}

done_testing;
