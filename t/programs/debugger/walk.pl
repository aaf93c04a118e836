#!/usr/bin/perl
# Thousands of statements: exceptions, a signal's handler, string evals, recursion, local values. Silent.
use strict;
use warnings;

our ($level, @trail) = (0);
my (%count, @list, $last);
$SIG{USR1} = sub {
    my ($signal) = @_;
    push @trail, "got $signal";
    $count{signal}++;
};

sub step {
    my ($n) = @_;
    local $level = $level + 1;
    die "odd\n" if $n % 5 == 4;
    return $n > 2 ? step($n - 3) + 1 : $n;
}

for my $i (1 .. 120) {
    my $got = eval { step($i % 9) };
    $count{died}++ if !defined $got;
    kill USR1 => $$ if $i % 10 == 0;
    my $text = eval "my \$x = $i; \$x += \$level; \$x";
    push @list, $text;
    @list = sort { my $order = $b <=> $a; $order } @list if $i % 12 == 0;
    $list[0] = -$i if $i % 5 == 0;
    shift @list if @list > 8;
    $last = {i => $i, of => [@list]} if $i % 3 == 0;
}
kill KILL => $$;
