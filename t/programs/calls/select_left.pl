# SPDX-License-Identifier: GPL-2.0-or-later
# The time that select had left when a signal came.
use strict;
use warnings;
$| = 1;

local $SIG{ALRM} = sub { };
alarm 1;
my ($n, $left) = select undef, undef, undef, 5;
print "n=$n left=$left $!\n";
