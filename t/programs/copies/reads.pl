# Reads a file whole, of another one the beginning, and looks at a third.
use strict;
use warnings;

our ($whole, $part, $when);

sub tick {
    return;
}

open my $file, '<', 'whole.txt' or die "$!";
$whole = do { local $/ = undef; <$file> };
$when = (stat $file)[9];
open my $other, '<', 'part.txt' or die "$!";
sysread $other, $part, 5;
our $size = -s 'seen.txt';
tick();
print "$whole $part $size\n";
