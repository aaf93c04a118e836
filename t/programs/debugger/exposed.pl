#!/usr/bin/perl
# Shows what another order of things in memory, or another random number, would change.
use strict;
use warnings;
$| = 1;
my %h = map { $_ => 1 } 'a' .. 'p';
my $object = bless {}, 'Thing';
open my $in, '<', $0 or die;
my $first = <$in>;
my $n = 0;
sub Thing::DESTROY { print "gone $n\n" }
for my $key (keys %h) {
    $n++;
    last if $n > 5;
}
while (my ($key) = each %h) {
    print "$key ";
    $n++;
    undef $object if $n == 12;
}
print "\n", scalar(<$in>), tell($in), ' ', \$n, ' ', [], "\n";
print join(' ', map { int rand 1000 } 1 .. 3), " $! ", scalar(keys %INC), "\n";
printf "%s %s\n", join(',', sort grep {/Dumper|perl5db/} keys %INC), defined &main::dumpvar ? 'dumpvar' : 'none';
$! = 2;
print "$!\n";
exit 3;
