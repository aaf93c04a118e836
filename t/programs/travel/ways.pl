#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Every way by which control comes from one statement to another, thousands of statements of it.
use strict;
use warnings;
use Time::HiRes qw(ualarm usleep);

our ($level, $seen, $ended, @trail, %count) = (0, 0, 0);
our %config = (mode => 'plain', depth => [1, 2]);
my (@list, $last, $text, $sum);
my %table = (a => 0, b => {c => [0, 0]});

sub note { my ($what) = @_; $count{$what}++; push @trail, $what; shift @trail while @trail > 6; return }

# ---- what is called without a call -------------------------------------------------------------

package Tally {
    sub TIESCALAR { my ($class) = @_; return bless {value => 0, read => 0}, $class }
    sub FETCH { my ($self) = @_; $self->{read}++; return $self->{value} }
    sub STORE { my ($self, $value) = @_; main::note('stored'); $self->{value} = $value; return }
}

package Sum {
    use overload
        '+' => sub { my ($one, $other) = @_; return Sum->new($one->{n} + (ref $other ? $other->{n} : $other)) },
        '""' => sub { my ($self) = @_; main::note('text'); return "sum $self->{n}" },
        'bool' => sub { my ($self) = @_; return $self->{n} != 0 },
        '<=>' => sub { my ($one, $other, $swapped) = @_; my $order = $one->{n} <=> $other->{n}; return $swapped ? -$order : $order };
    sub new { my ($class, $n) = @_; my $self = {n => $n}; return bless $self, $class }
}

package Guard {
    sub new { my ($class, $name) = @_; return bless {name => $name}, $class }
    sub DESTROY {
        my ($self) = @_;
        local $@ = '';
        my $survived = eval { die "in a destructor\n" if $self->{name} =~ /3/; 1 };
        $ended += $survived ? 1 : 2;
        main::note("end $self->{name}");
    }
}

package Any {
    our $AUTOLOAD;
    sub AUTOLOAD {
        my ($class, @arguments) = @_;
        my ($name) = $AUTOLOAD =~ /(\w+)\z/;
        return if $name eq 'DESTROY';
        no strict 'refs';
        *{$AUTOLOAD} = sub { my $made = "$name @_"; return length $made };
        goto &{$AUTOLOAD};
    }
}

package main;

# ---- handlers ----------------------------------------------------------------------------------

$SIG{USR1} = sub {
    my ($signal) = @_;
    $count{signal}++;
    note("got $signal");
};
$SIG{ALRM} = \&alarmed;
$SIG{__WARN__} = sub { my ($message) = @_; $count{warning}++; note('warned ' . length $message) };

sub alarmed {
    my ($signal) = @_;
    my $before = $count{alarm} // 0;
    $count{alarm} = $before + 1;
    push @list, $before if @list < 9;
    return;
}

# ---- the ways ----------------------------------------------------------------------------------

sub raise {
    my ($depth, $what) = @_;
    my $guard = Guard->new("raise $depth");
    local $level = $level + 1;
    raise($depth - 1, $what) if $depth;
    die $what;
}

sub exceptions {
    my ($i) = @_;
    my $caught = eval { raise($i % 3, $i % 2 ? {code => $i} : "plain $i\n"); 1 } ? 'none' : $@;
    note(ref $caught ? "object $caught->{code}" : 'plain');
    my $outer = eval {
        my $inner = eval { die "first\n" };
        note("inner $@");
        local $@ = 'kept';
        die "second $i\n" if $i % 4;
        1;
    };
    $text = $outer ? 'fine' : $@;
    local $SIG{__DIE__} = sub { $count{die}++; note('dying') };
    eval { my $x = 1 / ($i % 2) };
    return;
}

sub texts {
    my ($i) = @_;
    my $x = $i;
    my $got = eval "my \$y = \$x + $i;\n\$y *= 2;\n\$count{evaluated}++;\n\$y";
    eval "die qq(from text $i\\n)";
    note("failed $@");
    eval 'sub { ';
    note('syntax') if $@ =~ /syntax|Missing/;
    no warnings 'redefine';
    eval "sub made { my (\$n) = \@_; my \$m = \$n + $i; return \$m }" or note('made');
    return made($got) + eval { eval 'raise(1, "deep\n")'; length $@ };
}

sub by_size { my $order = $b->[1] <=> $a->[1]; $count{compared}++; return $order || $a->[0] cmp $b->[0] }

sub sorts {
    my ($i) = @_;
    my @pairs = map { my $n = $_; [chr 97 + $n, ($n * $i) % 5] } 0 .. 3;
    my @one = sort by_size @pairs;
    my @two = sort { my ($left, $right) = ($a->[1], $b->[1]); $left <=> $right } grep { $_->[1] > 0 } @pairs;
    my @three = sort { $a <=> $b } map { Sum->new($_->[1]) } @two;
    @list = map { $_->[0] } @one;
    return join '', @three;
}

sub counter { my ($n) = @_; my $step = 2; return {up => sub { $n += $step; return $n }, down => sub { $step++; return --$n }} }

sub closures {
    my ($i) = @_;
    my $counter = counter($i);
    $counter->{up}->() for 1 .. 2;
    my @subs = map { my $n = $_; sub { my ($add) = @_; return $n += $add } } 1 .. 2;
    $sum = $subs[0]->($i) + $subs[1]->($counter->{down}->());
    return $sum;
}

sub fib { my ($n) = @_; return $n if $n < 2; return fib($n - 1) + fib($n - 2) }
sub even { my ($n) = @_; return 1 if !$n; @_ = ($n - 1); goto &odd }
sub odd { my ($n) = @_; return 0 if !$n; @_ = ($n - 1); goto &even }

sub recursion { my ($i) = @_; my $fib = fib($i % 4 + 2); $table{b}{c}[1] = $fib; return even($i % 3) ? $fib : -$fib }

sub magic {
    my ($i) = @_;
    tie my $tied, 'Tally';
    $tied = $i;
    $tied += 2;
    my $total = Sum->new($i) + Sum->new(1) + 3;
    $text = "$total" if $total;
    $table{a} = $tied;
    my $length = Any->anything($i) + Any->${\"other$i"}($tied);
    untie $tied;
    return $length;
}

sub show_level { return "$level $config{mode} @{$config{depth}}" }

sub locals {
    my ($i) = @_;
    local $level = $level + 10;
    local $config{mode} = "local $i";
    local $config{depth}[1] = $i;
    my $inside = show_level();
    {
        local @trail = ($inside);
        local $_ = $i;
        note('hidden');
    }
    return length $inside;
}

sub destroyed {
    my ($i) = @_;
    my @guards = map { Guard->new("g$i.$_") } 1 .. 3;
    shift @guards;
    { my $inner = Guard->new('inner'); }
    undef $guards[0];
    return scalar @guards;
}

sub signals {
    my ($i) = @_;
    kill USR1 => $$;
    local $SIG{USR1} = sub { note('local'); die "out of a handler\n" };
    eval { note('before'); kill USR1 => $$; note('never'); 1 } or note('left');
    my @sorted = sort { kill USR2 => $$ if $a == 2; my $order = $b <=> $a; $order } 1 .. 3;
    return;
}
$SIG{USR2} = sub { my ($signal) = @_; $count{$signal}++; my $x = eval q(my $y = 3; $y + 1); $table{b}{c}[0] += $x };

sub loops {
    my ($i) = @_;
    my ($n, @found) = (0);
    OUTER: for my $x (1 .. 4) {
        for my $y (1 .. 4) {
            next OUTER if $y > $x;
            last OUTER if $x * $y > 5;
            push @found, $x * $y;
        }
    }
    while ($n < 3) { next if $n == 1; $seen++ } continue { $n++ }
    do { $n-- } until $n <= 0;
    $n = $_ for grep { my $odd = $_ % 2; $odd } @found;
    "a$i" =~ /(\d)(?{ $seen += $1 })/;
    (my $copy = "abc") =~ s/([ac])/my $up = uc $1; $up/ge;
    return wantarray ? @found : "$copy$n";
}

sub waits {
    my ($i) = @_;
    my $timed = eval { local $SIG{ALRM} = sub { note('timeout'); die "timeout\n" }; ualarm 3000; usleep 50_000 for 1 .. 20; 1 };
    note("timed $@") if !$timed;
    ualarm 2500, 2500;
    return;
}

# ---- all of them, again and again ----------------------------------------------------------------

$| = 1;
print "begin\n";
ualarm 2500, 2500;
for my $i (1 .. $ARGV[0] // 16) {
    $| = $i % 2;
    exceptions($i);
    my $got = texts($i);
    my $sorted = sorts($i);
    $got += closures($i) + recursion($i) + magic($i) + locals($i) + destroyed($i);
    signals($i);
    my @loops = loops($i);
    $sorted .= loops($i);
    waits($i) if $i % 4 == 0;
    warn "warned\n" if $i % 5 == 0;
    $last = {i => $i, got => $got, of => [@loops]};
    print "$i $got $sorted $ended\n";
    print STDERR "$i: $seen\n" if $i % 3 == 0;
}
ualarm 0;
END { my $end = "end $ended"; print "$end\n"; $? = 3 }
