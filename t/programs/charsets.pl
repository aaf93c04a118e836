# SPDX-License-Identifier: GPL-2.0-or-later
# Under a locale of 8 bits: the C library loads code for its character set when it first needs it.
use strict;
use warnings;

use POSIX qw(LC_ALL mblen mbtowc setlocale strcoll strftime);

print setlocale(LC_ALL, ''), ' ', mblen("\xe4", 1), ' ', mbtowc(my $wide, "\xe4"), "\n";
print strftime('%A %B', gmtime 86_400 * 60), ' ', strcoll("\xe4", 'b') <=> 0, "\n";
