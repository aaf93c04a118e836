#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A program for t/0920-print.t: what it prints into stands at lines that the test names.
use strict;
use warnings;

use lib 'lib';
use Shop;

our $currency = 'EUR';
my $shop = Shop->new(name => 'corner', stock => {tea => [3, 1.25], 'a b' => {deep => 'x'}});
my @users = qw(ada brian grace);
my ($undef, $empty, $zero, $neg) = (undef, q(), 0, -17);
my ($big, $float, $text, $number) = (18446744073709551615, 0.1 + 0.2, '10', 42);
my $self_seen = "$number";
my $ref = \$number;
my $bytes = "caf\xe9";
my $wide = "\x{263a}";
for my $user (@users) {
    my $total = $shop->total($user, length $user);
    print "$user $total\n";
}
my $inner = sub { my ($x) = @_; if (my $y = $x . $users[0]) { print "$y\n" } return $x };
$inner->('z');
warn "to stderr\n";
my $code = eval '
    my $evaled = $number + 1;
    $evaled * 2;
';
exit 3;
