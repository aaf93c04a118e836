#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Going back in perl's debugger, and that nothing done in it changes the run.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use Test::More;

my $from = programs() . '/debugger';
my $quiet = {TERM => 'dumb', PERL_RL => ' o=0', HOME => '/nonexistent'};

sub record {
    my ($program) = @_;
    my $work = scratch($program);
    copy("$from/$program.pl", "$work/$program.pl") or die "$program: $!";
    my $run = record_natively("$work/slice.plog", {dir => $work}, "$program.pl");
    return ("$work/slice.plog", $run);
}

sub debug {
    my ($slice, @commands) = @_;
    return run({dir => scratch('debug'), stdin => join('', map {"$_\n"} @commands), env => $quiet, timeout => 120},
        command('cc-perl-replay'), '-d', $slice);
}

# What the debugger has said to each command, the banner first.
sub answers {
    my ($run) = @_;
    my (undef, @answers) = split /  DB<+\d+>+ /, $run->{stderr};
    return @answers;
}

my ($shop) = record('shop');

# The moments of so many steps, and the same on the way back.
my @steps = answers(debug($shop, (map { ('when', 's') } 1 .. 30), 'when'));
my @there = grep {/\A\d+\.\d+\n/} @steps;
is(scalar @there, 31, 'each step has a moment');
my @back = reverse grep {/\A\d+\.\d+\n/} answers(debug($shop, ('s') x 30, (map { ('when', 'rs') } 1 .. 30), 'when'));
is_deeply(\@back, \@there, 'rs goes back through the same moments');

my @moments = map { /([\d.]+)/ ? $1 : () } @there;
my $look = 'p join ",", map { defined ? $_ : "-" } eval { @$self{items} }, scalar @_';
my (@forward, @random);
{
    my $run = debug($shop, map { ($look, 's') } 1 .. 30);
    my @said = answers($run);
    @forward = map { $said[2 * $_] =~ s/0x[0-9a-f]+/0x/r } 0 .. 29;
    my @order = sort { ($a * 7919) % 31 <=> ($b * 7919) % 31 } 0 .. 29;
    @said = answers(debug($shop, map { ("go $moments[$_]", $look) } @order));
    @random[@order] = map { $said[2 * $_ + 1] =~ s/0x[0-9a-f]+/0x/r } 0 .. 29;
}
is_deeply(\@random, \@forward, 'go shows the same state at a moment, however it was reached');

my @said = answers(debug($shop, 'b Shop::add', 'c', 'c', 's', 's', 'rn', 'rr', 'rc', 'p $name', 'R', 'rs', 'q'));
like($said[5], qr/shop\.pl:13/, 'rn goes back over statements');
like($said[6], qr/main::\(shop\.pl:32\)/, 'rr goes back to the call');
like($said[7], qr/Shop::add\(shop\.pl:12\)/, 'rc goes back to a breakpoint');
like($said[9], qr/main::\(shop\.pl:27\)/, 'R goes to the beginning');
like($said[10], qr/main::\(shop\.pl:27\)/, 'and nothing is before it');

@said = answers(debug($shop, 'c 48', 'rn', 'rn', 'when', 'wl $shop->{items}[1]', 'p scalar @{$shop->{items}}', 'n', 'p scalar @{$shop->{items}}', 'q'));
like($said[4], qr/main::\(shop\.pl:32\)/, 'wl finds the statement');
is_deeply([$said[5], $said[7]], ["1\n", "2\n"], 'that wrote');

@said = answers(debug($shop, 'c Shop::total', 'c 24', 'wl $sum', 'p $sum', 'wl $sum', 'p $sum', 'q'));
is_deeply([@said[3, 5]], ["9\n", "4\n"], 'and those before it');

my ($slice, $run) = record('exposed');
my @disturbing = (
    'x \%h', 'keys %h', 'each %h', '$n = 1000', 'undef %h', 'delete @h{keys %h}', 'x [map {rand} 1 .. 5]', 'srand 1',
    'use Data::Dumper; p Dumper(\%h)', '$! = 13', 'open my $f, ">", "written"; print {$f} "x"; close $f', 'scalar <$in>',
    'seek $in, 0, 0', 'close $in', 'system "echo from a child >&2"', 'my $pid = fork; exit 0 if !$pid; waitpid $pid, 0',
    'local $| = 0; print "kept"', 'undef $object', '@ARGV = %ENV = %INC = ()', '$SIG{__DIE__} = sub { exit 9 }',
    'die "oh"', 'sub Thing::DESTROY { print "never" }', '$0 = "x"', 'chdir "/"', 'eval "sub new { }"', 'V', 'S',
);
my %ends = (
    'everything that a program can do' => \@disturbing,
    'exits' => ['exit 7', 'require POSIX; POSIX::_exit(1)'],
    'its end by a signal' => ['kill KILL => $$'],
    'an exception' => ['die {}'],
);
for my $what (sort keys %ends) {
    my $got = debug($slice, 's', 's', 'c 13', @{$ends{$what}}, 'p 1', 'c 18', 'c', 'q');
    like($got->{stderr}, qr/Debugged program terminated/, "after $what the program is run to its end");
    is(last_lines($got->{stdout}), last_lines($run->{stdout}), 'and prints what it printed');
}
is(replay($slice)->{status}, 3, 'with the status that it had');

sub last_lines { my ($text) = @_; return join '', (split /^/, $text)[-6 .. -1] }

done_testing;
