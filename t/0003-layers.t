#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The layers of doc/architecture.md: no file includes what stands below its own directory there, and
# core names no language.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Sources;
use Crosscut::Test;
use Test::More;

my $root = "$FindBin::Bin/..";
my ($table) = slurp("$root/doc/architecture.md") =~ /^## Layers\n(.*)/ms;
my @layers = $table =~ /^\| `([\w\/]+)` \|/mg;
cmp_ok(scalar @layers, '>', 10, 'doc/architecture.md has a table of layers');
my %height = map { $layers[$_] => $_ } 0 .. $#layers;

# The row of a file, by the longest directory that has one; undef: none.
sub height {
    my ($file) = @_;
    while ($file =~ s{/[^/]+\z}{}) {
        return $height{$file} if defined $height{$file};
    }
    return;
}

my (@homeless, @upward, %named);
my $texts = sources(qr/\.(?:[chS]|def)\z/, qw(core logs runtimes));
for my $file (sort keys %{$texts}) {
    my $own = height($file);
    push @homeless, $file if !defined $own;
    for my $included ($texts->{$file} =~ /^#include "([^"]+)"/mg) {
        my $its = height($included);
        next if !defined $its && $included !~ m{/};    # made by the build
        push @upward, "$file includes $included"
            if !defined $its || (defined $own && $its > $own);
    }
    next if $file !~ m{\Acore/};
    my $line = 0;
    for (split /^/, $texts->{$file}) {
        $line++;
        $named{"$file:$line"} = $_ if /perl|python/i;
    }
}
is_deeply(\@homeless, [], 'each file is in a directory that has a row');
is_deeply(\@upward, [], 'no include runs up');

is_deeply(\%named, {}, 'core names no language');

done_testing;
