#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Hash order with default settings: small, big, nested, while inserting and deleting, each, slices.
use strict;
use warnings;

use Data::Dumper;
use Hash::Util qw(bucket_ratio hash_seed);

my %small = map { $_ => 1 } 'a' .. 'j';
print 'keys: ', join(' ', keys %small), "\n";
print 'values: ', join(' ', map { $_++ } values %small), "\n";
print 'again: ', join(' ', %small), "\n";
delete @small{qw(c f i)};
$small{"new$_"} = $_ for 1 .. 5;
print 'changed: ', join(' ', keys %small), "\n";
print 'copy: ', join(' ', keys %{{%small}}), "\n";
print 'scalar: ', scalar(%small), ' ', bucket_ratio(%small), "\n";
print 'seed: ', unpack('H*', hash_seed()), "\n";

while (my ($key, $value) = each %small) {
    print "each: $key=$value\n";
    delete $small{$key} if $value > 3;
}
print 'left: ', join(' ', keys %small), "\n";

my %big = map { ("key $_" => $_ * $_) } 1 .. 5000;
my @order = keys %big;
print 'big: ', join(' ', @big{@order[0 .. 9]}), ' ... ', join(' ', @big{@order[-10 .. -1]}), "\n";
delete $big{"key $_"} for grep { $_ % 3 } 1 .. 5000;
print 'shrunk: ', join(' ', (keys %big)[0 .. 9]), "\n";
my $sum = 0;
my $at = 0;
$sum += ++$at * $_ for values %big;
print "weighted: $sum\n";

my %nested = map {
    my $outer = $_;
    ($outer => {map { ("$outer$_" => [$_]) } 1 .. 4})
} 'p' .. 't';
for my $outer (keys %nested) {
    print "$outer: ", join(' ', keys %{$nested{$outer}}), "\n";
}
local $Data::Dumper::Indent = 0;
print Dumper(\%nested), "\n";

my %utf8 = map { chr($_) => $_ } 0x100 .. 0x120;
print 'unicode: ', join(' ', values %utf8), "\n";
my %seen;
my @unique = grep { !$seen{$_}++ } map { int rand 20 } 1 .. 40;
print "seen: @seen{@unique}: ", join(' ', keys %seen), "\n";
my @sorted = sort { $seen{$a} <=> $seen{$b} } keys %seen;
print "sorted by count, ties as they come: @sorted\n";
my %inverse = reverse %seen;
print 'inverse: ', join(' ', map {"$_=>$inverse{$_}"} keys %inverse), "\n";
print 'stash: ', join(' ', (grep {/^[a-z]/} keys %main::)[0 .. 7]), "\n";
