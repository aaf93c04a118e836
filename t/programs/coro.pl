# Coroutines of all kinds: ceding in subs, locks, channels, in what functions in C call, cancelled, in a pool.
use strict;
use warnings;
use Coro;
use Coro::Semaphore;
use Coro::Channel;
use List::Util qw(first);

our $total = 0;

sub add {
    my ($n) = @_;
    $total += $n;
    cede;
    return $n * 2;
}

sub worker {
    my ($name, $count) = @_;
    my $mine = 0;
    for my $i (1 .. $count) {
        $mine += add($i);
        $total += 100;
    }
    return "$name $mine";
}

my @coros = map { my $name = $_; async { worker($name, 3) } } qw(a b);
$total = 1000;
print join(', ', map { $_->join } @coros), " $total\n";

my $lock = Coro::Semaphore->new(1);
my @order;
my @more = map {
    my $n = $_;
    async {
        my $guard = $lock->guard;
        push @order, "in $n";
        cede;
        push @order, "out $n";
        Coro::terminate("ends") if $n == 2;
    }
} 1 .. 3;
$_->join for grep { defined } @more[0, 2];
print "@order\n";

my $channel = Coro::Channel->new(2);
my $producer = async { $channel->put($_) for 1 .. 4; $channel->put(0) };
my $sum = 0;
while (my $item = $channel->get) { $sum += $item }
print "sum $sum\n";

my $found = async { first { cede; $_ > 2 } 1 .. 5 };
my $sorted = async { join ',', sort { cede; $a <=> $b } 3, 1, 2 };
print $found->join, ' ', $sorted->join, "\n";

my $victim = async { while (1) { cede } };
cede;
$victim->cancel;
my $waits = async { my $cb = rouse_cb; my $t = async { cede; $cb->('roused') }; rouse_wait $cb };
print $waits->join, "\n";
async_pool { $total++ } for 1 .. 3;
cede for 1 .. 5;
print "$total\n";
