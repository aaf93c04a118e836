#!/usr/bin/perl
package Shop;
use strict;
use warnings;

sub new {
    my ($class, %with) = @_;
    return bless {items => [], %with}, $class;
}

sub add {
    my ($self, $name, $price) = @_;
    die "no price\n" unless defined $price;
    push @{$self->{items}}, [$name, $price];
    return scalar @{$self->{items}};
}

sub total {
    my $self = shift;
    my $sum = 0;
    for my $item (@{$self->{items}}) {
        $sum += $item->[1];
    }
    return $sum;
}

package main; $| = 1;

my $shop = Shop->new(name => 'corner');
my @names = qw(pear apple plum);
for my $name (@names) {
    $shop->add($name, length $name);
}
eval { $shop->add('nothing') };
print "error: $@" if $@;
my $code = sub {
    my $n = shift;
    $n *= 1;
    return $n + 1;
};
my @sorted = sort @names;
my $v = eval '
   my $q = 3;
   $q * 2;
';
print join(',', @sorted), "\n";
print "total ", $shop->total, "\n";
print $code->(41), "\n";
if ($v == 6) {
    print "six\n";
}
else { print "not six\n"; }
my ($x, @l) = map { $_ * 2 } 1, 2;
__END__
my $not = 'code';
