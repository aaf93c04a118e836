# SPDX-License-Identifier: GPL-2.0-or-later
# Strings and regular expressions: strings.pl COUNT
use strict;
use warnings;

my ($count) = @ARGV;
my ($found, $length) = (0, 0);
for my $i (1 .. $count) {
    my $line = join ' ', "user$i", 'GET', '/item/' . $i * 7, $i % 3 ? 200 : 404;
    if ($line =~ m{\A(\w+) GET /item/(\d+) (\d{3})\z}) {
        $found++ if $3 == 404;
        my $word = reverse $1;
        $word =~ s/(\d)r/<$1>/;
        $length += length(uc $word) + index $line, 'item';
    }
}
print "$found $length\n";
