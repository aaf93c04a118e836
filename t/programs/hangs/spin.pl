# SPDX-License-Identifier: GPL-2.0-or-later
# A loop that does not come to its end, and a child that sleeps meanwhile.
use strict;
use warnings;

$| = 1;
if (!fork) {
    print "child sleeps\n";
    sleep 1 while 1;
}
print "parent spins\n";
my $n = 0;
$n++ while $n >= 0;
