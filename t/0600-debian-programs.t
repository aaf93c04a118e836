#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Real programs as Debian ships them: recorded in a machine, their inputs deleted, replayed: the
# same.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $module = <<'END';
# A module with a few things to count and to find.
package Shop::Basket;
use strict;
use warnings;

our $VERSION = '1.02';

=head1 NAME

Shop::Basket - what a customer wants to buy

=head1 SYNOPSIS

    my $basket = Shop::Basket->new;
    $basket->add(apple => 3);

=head1 METHODS

=over 4

=item new

Makes an empty B<basket>. See L<perlobj> and F</etc/basket>.

=item add(NAME => COUNT)

Puts I<COUNT> of C<NAME> into it.

=back

=cut

sub new { my ($class) = @_; return bless {}, $class }

sub add {
    my ($self, $name, $count) = @_;
    $self->{$name} += $count;
    return $self;
}

sub names { my ($self) = @_; return keys %{$self} }

1;
END

my $text = <<'END';
# Shopping

Things to *buy* today, at a [shop](http://shop.example/ "A shop") near me:

1. apples, **red**
2. pears
   and `plums`

> A quotation
> of two lines.

Mail <someone@shop.example> when done & dusted.
END

my %tests = (
    'lib/Shop/Basket.pm' => $module,
    't/new.t' => <<'END',
use Test::More tests => 2;
use lib 'lib';
use_ok('Shop::Basket');
isa_ok(Shop::Basket->new, 'Shop::Basket');
END
    't/add.t' => <<'END',
use Test::More;
use lib 'lib';
use Shop::Basket;
my $basket = Shop::Basket->new->add(apple => 2)->add(pear => 1);
is(scalar $basket->names, 2, 'two names');
note 'order ', $basket->names, " in $$";
done_testing;
END
    't/fail.t' => "use Test::More tests => 2;\nok(1, 'fine');\nis(1, 2, 'one is two');\n",
);
my %sources = (
    %tests,
    'src/basket.c' => <<'END',
/* A basket. */
#include <stdio.h>

// counts
int main(void)
{
	return puts("basket") < 0;
}
END
    'src/basket.py' => <<'END',
"""A basket."""

def add(basket, name):
    # one more
    basket[name] = basket.get(name, 0) + 1
END
    'src/basket.sh' => "#!/bin/sh\n# a basket\necho basket\n",
    'src/notes.txt' => "basket\n",
);
my $json =
      '{"time": 1700000000, "list": [1, 2.5, null, true, "caf\u00e9"], "map": {'
    . join(', ', map {"\"key $_\": {\"n\": $_}"} 1 .. 20)
    . '}, "empty": {}, "text": "a\nb"}';

my @runs = ({
        title => 'ack searches a tree',
        package => 'ack',
        command => [qw(ack --nogroup basket src lib)],
        files => \%sources,
        prints => qr{src/basket.c}
    },
    {
        title => 'ack with context, types and a count',
        package => 'ack',
        command => ['ack', '--perl', '-C1', '--column', 'sub \w+', '.'],
        files => \%sources,
        prints => qr{sub add}
    },
    {
        title => 'ack that finds nothing',
        package => 'ack',
        command => [qw(ack nowhere src)],
        files => \%sources,
        status => 1
    },
    {
        title => 'cloc counts a tree',
        package => 'cloc',
        command => [qw(cloc --by-file src lib t)],
        files => \%sources,
        prints => qr{src/basket\.py +\d}
    },
    {
        title => 'markdown makes HTML of a file',
        package => 'markdown',
        command => [qw(markdown text.md)],
        files => {'text.md' => $text},
        prints => qr{<h1>Shopping</h1>}
    },
    {
        title => 'markdown makes HTML of standard input',
        package => 'markdown',
        command => ['markdown'],
        stdin => $text,
        prints => qr{<li>pears}
    },
    {
        title => 'prove runs a small suite',
        package => 'perl',
        command => [qw(prove -v t/new.t t/add.t)],
        files => \%tests,
        select => [qw(--exe prove)],
        prints => qr{Result: PASS}
    },
    {
        title => 'prove reports a failing test',
        package => 'perl',
        command => [qw(prove -r t)],
        files => \%tests,
        select => [qw(--exe prove)],
        status => 1,
        prints => qr{Result: FAIL}
    },
    {
        title => 'perldoc -T shows a page',
        package => 'perl-doc',
        command => [qw(perldoc -T perlcheat)],
        prints => qr{CONTEXTS}
    },
    {
        title => 'perldoc -T shows a file',
        package => 'perl-doc',
        command => [qw(perldoc -T lib/Shop/Basket.pm)],
        files => \%sources,
        prints => qr{what a customer wants}
    },
    {
        title => 'podchecker accepts',
        package => 'perl',
        command => [qw(podchecker lib/Shop/Basket.pm)],
        files => \%sources
    },
    {
        title => 'podchecker complains',
        package => 'perl',
        command => [qw(podchecker -warnings -warnings bad.pod)],
        files => {'bad.pod' => "=head1 NAME\n\n=over\n\nB<open\n\n=item x\n\n=foo\n\nL<a b|c|d>\n"},
        status => 1
    },
    {
        title => 'json_pp prints standard input',
        package => 'perl',
        command => ['json_pp'],
        stdin => $json,
        prints => qr{"key 7" : \{}
    },
    {
        title => 'json_pp with options',
        package => 'perl',
        command => [qw(json_pp -f json -t dumper -json_opt utf8)],
        stdin => $json,
        prints => qr{"key 7" =>}
    },
    {
        title => 'pod2man makes a manual page',
        package => 'perl',
        command => [qw(pod2man --section 3pm lib/Shop/Basket.pm)],
        files => \%sources,
        prints => qr{^\.TH}m
    },
    {
        title => 'pod2text makes text',
        package => 'perl',
        command => [qw(pod2text lib/Shop/Basket.pm)],
        files => \%sources,
        prints => qr{^METHODS}m
    },
);

for my $run (@runs) {
    my ($command) = @{$run->{command}};
    next if !chosen($command);
SKIP: {
        skip "the package $run->{package} is not installed and cannot be", 1
            if !get($run->{package});
        vm($command, $run->{command}, %{$run});
    }
}

done_testing;
