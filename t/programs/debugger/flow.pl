#!/usr/bin/perl
use strict;
use warnings;

our ($level, @trail) = (0);
my %seen; $| = 1;

sub fact {
    my ($n) = @_;
    return 1 if $n <= 1;
    return $n * fact($n - 1);
}

sub words {
    my ($text) = @_;
    local $level = $level + 1;
    my @words = split ' ', $text;
    return wantarray ? @words : scalar @words;
}

sub fails {
    my ($why) = @_;
    push @trail, $why;
    die {why => $why} if $why eq 'object';
    die "failed: $why\n";
}

sub guarded {
    my ($why) = @_;
    my $fine = eval {
        fails($why);
        1;
    };
    return $fine ? 'fine' : ref $@ ? "object $@->{why}" : "text $@";
}

my $five = fact(5);
my @list = words('one two three');
my $count = words('four five');
for my $why (qw(text object)) {
    my $got = guarded($why);
    $seen{$why}++;
}
my $i = 0;
while ($i < 3) {
    $i++;
    next if $i == 2;
    $seen{$i} = $i ** 2;
}
unless ($five == 120) { print "wrong\n" }
elsif ($count) {
    print "right\n";
}
my @sorted = sort {
    my $order = $b <=> $a;
    $order;
} 3, 1, 2;
my $double = sub { my ($x) = @_; return 2 * $x };
my $text = join ' ', map { $double->($_) } @sorted;
my $string = eval q{
    sub made { return "made @_" }
    made($text);
};
{
    local $_ = 'abc';
    s/b/uc 'x'/e;
    $string .= $_;
}
print "$five $count @list\n$text\n$string\n", join(',', map {"$_=$seen{$_}"} sort keys %seen), "\n";
