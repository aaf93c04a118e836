# What is looked for: package variables, a lexical that two subs share, fields, elements.
use strict;
use warnings;

package Shop;
our $till = 0;
my $last = 'nothing';

sub new {
    my ($class, %with) = @_;
    my $self = bless {%with, count => 0}, $class;
    return $self;
}

sub add {
    my ($self, $what, $price) = @_;
    $self->{count}++;
    push @{$self->{items}}, $what;
    $till += $price;
    $last = $what;
    return $self;
}

sub show {
    my ($self) = @_;
    my $text = "$self->{count} items for $till, at last $last";
    my @parts = split ' ', $text;
    return scalar @parts;
}

package main;

my $shop = Shop->new(name => 'corner');
my $words = 0;
$shop->add('tea', 2);
$shop->add('milk', 3);
$words += $shop->show;
print "$words words\n";

sub lengthen {
    my ($to) = @_;
    $$to .= 'x';
    return $to;
}

my $text = 1;
lengthen(\$text);
lengthen(\$text);
