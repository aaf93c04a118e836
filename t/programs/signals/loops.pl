# SPDX-License-Identifier: GPL-2.0-or-later
# Ops that look for signals and then run subs of the program's (overloads, destructors, ties, blocks of sort), with much to
# do in C between both: signals come there.
use strict;
use warnings;
use Time::HiRes qw(ualarm);

package Last;
my $gone = 0;
sub new { my ($class, @parts) = @_; return bless [@parts], $class }
sub DESTROY { my ($self) = @_; local $@; $gone++; eval { die "gone\n" }; return }

package Slow;
use overload
    bool => sub { my ($self) = @_; my $x = $self->[0] . ''; return 1 },
    '""' => sub { my ($self) = @_; my $y = 'y' x 30_000; return length $y },
    '<=>' => sub { my ($one, $other, $swap) = @_; my $z = $swap ? 1 : 0; return $z },
    '@{}' => sub { my ($self) = @_; my @part = (1) x 2000; return \@part },
    fallback => 1;
sub new { my $it = 7; return bless \$it, $_[0] }

package Slow::List;
sub new { return bless [Last->new((1) x 3000), (1) x 3000], $_[0] }
use overload bool => sub { my $x = 1; $x = 2; return 1 }, fallback => 1;

package Tied;
sub TIESCALAR { return bless [], $_[0] }
sub FETCH { my @many = ((1) x 3000); my $last = Last->new(@many); return scalar @many }
sub STORE { my @many = ((2) x 3000); my $last = Last->new(@many); return }

package main;

my (@at, $stops);
$SIG{ALRM} = sub { my @from = caller(0); push @at, $from[2]; my $late = Last->new((1) x 500) };
$SIG{__WARN__} = sub { my ($text) = @_; my @many = ((1) x 3000); $stops .= substr $text, 0, 1 };
tie my $tied, 'Tied';
my $slow = Slow->new;

sub leaves {
    my ($deep) = @_;
    my @big = (Last->new, (1) x 5000);
    return $deep ? leaves($deep - 1) : scalar @big;
}

ualarm 5000, 5000;
for my $round (1 .. 12) {
    my @big = (Last->new, (1) x 5000);
    my $list = Slow::List->new;
    my $sum = 0;
    $sum++ if $list and $slow or $tied;
    $sum++ unless !$slow && !$list;
    $sum += $list ? 1 : 2;
    $sum += $tied + $tied;
    $tied = $sum;
    $sum += leaves(2);
    for my $turn (1 .. 3) {
        my @more = (Last->new, (1) x 4000);
        next if $turn == 1;
        last if $turn == 3;
        @more = ();
    }
    my @sorted = sort { my @few = (Last->new, (1) x 200); $a <=> $b } map { $_ * 7 % 13 } 1 .. 12;
    my $text = join ',', @sorted, "$slow";
    $text =~ s/(\d)/my @few = (Last->new, (1) x 500); $1 + 1/gex;
    $text =~ s/,/($slow ? ';' : ':')/ge;
    eval { my @many = (Last->new, (1) x 4000); die $list };
    eval { local $SIG{__DIE__} = sub { my @many = ((1) x 3000); $stops .= 'd' }; die "x\n" };
    warn "w\n";
    my $code = eval "sub { my \@in = (Last->new, (1) x 2000); $round }" or die;
    $sum += $code->();
    while ($slow) {
        my @many = (Last->new, (1) x 4000);
        last if $sum++ > 3;
    }
    undef @big;
}
ualarm 0;
my %count;
$count{$_}++ for @at;
printf "%d signals, %d gone, %d: %s\n", scalar @at, $gone, length $stops,
    join ' ', map {"$_:$count{$_}"} sort keys %count;
