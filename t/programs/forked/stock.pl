# SPDX-License-Identifier: GPL-2.0-or-later
# A process, its child, and that one's child: all call the same subs.
use strict;
use warnings;

our $total = 0;

sub add {
    my ($count) = @_;
    $total += $count;
    return $total;
}

sub prepare {
    add(1);
    return add(2);
}

sub serve {
    my ($name) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        add(10);
        print "child $$ $name: $total\n";
        return $name;
    }
    waitpid $pid, 0;
    return;
}

prepare();
my $served = serve('first');
if ($served) {
    add(20);
    serve('second');
    add(40);
}
exit($served ? 3 : 0);
