#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Addresses that a program can see: references as text, numbers and keys, refaddr, sort by address.
use strict;
use warnings;

use Scalar::Util qw(refaddr reftype);

my @kinds =
    ([], {}, sub {1}, \my $scalar, \\1, qr/x/, \*STDOUT, *STDOUT{IO}, \substr('abc', 1), \v1.2);
print "$_\n" for @kinds;
printf "%x %d %s %s\n", refaddr($_), $_, reftype($_), ref $_ for @kinds;

my @objects = map { bless {n => $_, random => rand}, 'Thing' } 1 .. 30;
my %by_object = map { $_ => $_->{n} } @objects;
print 'as keys: ', join(' ', values %by_object), "\n";
print 'one key: ', (keys %by_object)[0], "\n";
print 'sorted by address: ', join(' ', map { $_->{n} } sort { $a <=> $b } @objects), "\n";
print 'sorted as text: ', join(' ', map { $_->{n} } sort { "$a" cmp "$b" } @objects), "\n";
print 'modulo: ', join(' ', map { $_ % 97 } @objects), "\n";
print 'equal: ', ($objects[0] == $objects[0] ? 1 : 0), ($objects[0] == $objects[1] ? 1 : 0), "\n";

# Addresses are reused: what was freed comes back.
my %seen;
$seen{+[]}++ for 1 .. 100;
print 'temporaries: ', join(' ', map {"$_ $seen{$_}"} keys %seen), "\n";
my @kept = map { [$_ x (1 + rand 50)] } 1 .. 200;
@kept[grep { $_ % 3 } 0 .. 199] = ();
my @again = map { \my $x } 1 .. 20;
print 'after freeing: ', join(' ', map { refaddr $_ } @again), "\n";
print 'big: ', \('x' x 1_000_000), ' ', \my @array, ' ', \&refaddr, "\n";
print 'code: ', \&main::helper, ' ', defined &helper ? 1 : 0, "\n";
sub helper {return}
printf "string %s number %s\n", "$objects[5]", 0 + $objects[5];
{
    no strict 'refs';
    no warnings;
    print 'warning text: ', (
        eval {
            my $object = $objects[3];
            local $SIG{__WARN__} = sub { print "warned: @_" };
            warn $object;
            1;
        }
        ),
        "\n";
    die_with($objects[2]);
}

sub die_with {
    my ($object) = @_;
    eval { die "died with $object\n" };
    print $@;
    return;
}
