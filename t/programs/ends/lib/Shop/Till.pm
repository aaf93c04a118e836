# SPDX-License-Identifier: GPL-2.0-or-later
package Shop::Till;
use strict;
use warnings;

sub new { my ($class) = @_; return bless {sum => 0}, $class }

sub add {
    my ($self, $price) = @_;
    $self->{sum} += $price;
    return;
}

sub total { my ($self) = @_; return $self->{sum} }

1;
