# SPDX-License-Identifier: GPL-2.0-or-later
# Forks N children, one after the other, each of which prints a line.
my $n     = shift;
my @known = map {"line $_"} 1 .. 1000;
$| = 1;
for my $i (1 .. $n) {
    my $child = fork // die "fork: $!\n";
    if (!$child) { print "child $i $known[$i % 1000]\n"; exit 0 }
    waitpid $child, 0;
}
