# SPDX-License-Identifier: GPL-2.0-or-later
package Asks;
use strict;
use warnings;
sub one { my ($n) = @_;
    return $n + 1;
}
sub two {
    my ($n) = @_;
    return one($n) + one(1);
}
1;
