# SPDX-License-Identifier: GPL-2.0-or-later
# stat of each file of a tree, some times over: stats.pl DIRECTORY DIRECTORIES FILES ROUNDS
use strict;
use warnings;

my ($top, $directories, $files, $rounds) = @ARGV;
my ($sum, $newest) = (0, 0);
for (1 .. $rounds) {
    for my $directory (1 .. $directories) {
        for my $file (1 .. $files) {
            my @stat = stat "$top/$directory/file-$file.txt" or die "file-$file.txt: $!\n";
            $sum += $stat[7];
            $newest = $stat[9] if $stat[9] > $newest;
        }
    }
}
print "$sum $newest\n";
