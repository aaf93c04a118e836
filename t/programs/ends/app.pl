# SPDX-License-Identifier: GPL-2.0-or-later
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

my @prices = (1, 2, 3);
require Shop::Till;
my $till = Shop::Till->new;
$till->add($_) for @prices;
print $till->total, "\n";
