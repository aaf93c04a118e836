# SPDX-License-Identifier: GPL-2.0-or-later
# A module that is copied while the program runs, and loaded from there.
use strict;
use warnings;

use Config;
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path);

BEGIN {
    for my $file ('List/Util.pm', 'auto/List/Util/Util.so') {
        make_path(dirname("copied/$file"));
        copy("$Config{archlib}/$file", "copied/$file") or die "$file: $!";
    }
    unshift @INC, 'copied';
}
use List::Util qw(first shuffle sum);

srand 7;
print "$INC{'List/Util.pm'} ", sum(1 .. 10), ' ', (first { $_ > 3 } 1 .. 9), ' ',
    join(',', shuffle 1 .. 5), "\n";
