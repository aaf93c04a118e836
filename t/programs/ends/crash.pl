# SPDX-License-Identifier: GPL-2.0-or-later
# Dies in a sub whose object has a destructor, and has an END block.
use strict;
use warnings;

package Guard {
    sub new { my ($class) = @_; return bless {}, $class }
    sub DESTROY { $main::gone++; return }
}

our $gone = 0;
my $total = 0;

sub check {
    my ($price) = @_;
    my $guard = Guard->new;
    my $limit = 5 - $price;
    die "too much: $total\n" if $total > $limit;
    return;
}

sub add {
    my ($price) = @_;
    $total += $price;
    check($price);
    return;
}

eval { die "caught\n" } or print $@;
add($_) for 1 .. 5;
print "never\n";
END { print "gone: $gone\n" }
