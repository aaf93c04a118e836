# SPDX-License-Identifier: GPL-2.0-or-later
# Subs, methods and hashes: subs.pl COUNT
use strict;
use warnings;

package Counter;
sub new { my ($class) = @_; return bless {seen => {}, calls => 0}, $class }
sub add { my ($self, $key, $n) = @_; $self->{calls}++; return $self->{seen}{$key} += $n }

package main;
sub collatz { my ($n) = @_; return $n % 2 ? 3 * $n + 1 : $n / 2 }

my ($count) = @ARGV;
my $counter = Counter->new;
my $n       = 27;
for my $i (1 .. $count) {
    $n = collatz($n);
    $n = $i + 1 if $n == 1;
    $counter->add('key' . $n % 5000, 1);
}
print join(' ', $counter->{calls}, scalar keys %{$counter->{seen}}, (sort keys %{$counter->{seen}})[0]), "\n";
