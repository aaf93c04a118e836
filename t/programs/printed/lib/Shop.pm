# SPDX-License-Identifier: GPL-2.0-or-later
package Shop;
use strict;
use warnings;

our $tax = 1.19;

sub new { my ($class, %with) = @_; return bless {%with, last => undef}, $class }

sub total {
    my ($self, $user, $count) = @_;
    my $total = $count * 2;

    $self->{last} = $user;
    return $total;
}

1;
