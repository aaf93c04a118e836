#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# exit with a status: buffers are flushed, END blocks and destructors run.
use strict;
use warnings;

package Guard {
    sub new { my ($class, $name) = @_; return bless {name => $name}, $class }
    sub DESTROY { my ($self) = @_; print "$self->{name} is destroyed, status $?\n"; return }
}

our $global = Guard->new('global');
my $lexical = Guard->new('lexical');
END { print "END of $$, status $?\n" }
print "exits, without a newline at the end: ", rand;
exit 3;
