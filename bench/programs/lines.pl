# SPDX-License-Identifier: GPL-2.0-or-later
# A file line by line: lines.pl FILE
use strict;
use warnings;

my ($file) = @ARGV;
my ($lines, $letters) = (0, 0);
open my $in, '<', $file or die "$file: $!\n";
while (<$in>) {
    $lines++;
    $letters += length;
}
print "$lines $letters\n";
