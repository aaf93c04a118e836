# What hooks are told of (t/0930-hooks.t).
use strict;
use warnings;
use List::Util qw(first);

package Shop;
our $count = 0;

sub new {
    my ($class, %items) = @_;
    return bless {items => {%items}, total => 0}, $class;
}

sub add {
    my ($self, $name, $n) = @_;
    my $price = $self->{items}{$name} // die "no $name\n";
    $count++;
    $self->{total} += $price * $n;
    return $price * $n;
}

sub DESTROY { print "closed\n" }

package main;

sub fib { my ($n) = @_; return $n < 2 ? $n : fib($n - 1) + fib($n - 2) }
sub jump { goto &fib }
sub by_number { $a <=> $b }
sub out { no warnings; last }
sub never { return 1 }

my $shop = Shop->new(tea => 3, milk => 1);
$shop->add('tea', 2);
eval { $shop->add('coffee', 1); 1 } or print "error: $@";
print fib(2), jump(1), "\n";
print join(',', sort by_number 3, 1), "\n";
print first { $_ > 1 } 1, 2;
print "\n";
for (1) { out() }
open my $in, '<', 'input' or die;
my $line = <$in>;
close $in;
eval { undef->method };
print $@;
undef $shop;
exit 3;
