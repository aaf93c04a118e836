# SPDX-License-Identifier: GPL-2.0-or-later
# With what a sub was called in a past run, how often, and from where first. An example of a hook in
# Perl.
#   cc-perl-replay --hook arguments.pl=Shop::add,out=arguments.txt slice.plog
use strict;
use warnings;

use Crosscut::Hook qw(arguments fail on prefix variable);

my ($sub, $file) = split /,out=/, arguments(), 2;
die "which sub? --hook arguments.pl=Package::sub\n" if !length($sub // '');
$file ||= 'arguments.txt';

# A value in a line: lists and hashes one level deep, an object by its class.
sub shown {
    my ($value, $deep) = @_;
    return 'undef' if !defined $value;
    return $value->class if ref $value eq 'Crosscut::Hook::Object';
    return ref $value if ref $value && $deep;
    return '[' . join(', ', map { shown($_, 1) } @{$value}) . ']' if ref $value eq 'ARRAY';
    return '{' . join(', ', map { "$_ => " . shown($value->{$_}, 1) } sort keys %{$value}) . '}'
        if ref $value eq 'HASH';
    return $value =~ /\A-?[0-9.]+\z/ ? $value : "'$value'";
}

my (%count, %first);

on enter => sub {
    my ($call) = @_;
    return if $call->{sub} ne $sub;
    my $list = variable('@_') // [];
    my $with = join ', ', map { shown($_) } @{$list};
    $count{$with}++;
    $first{$with} //= "$call->{caller}{file}:$call->{caller}{line}";
    return;
};

on end => sub {
    open my $out, '>', $file or return fail("arguments.pl: $file: $!");
    for my $with (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count) {
        print {$out} prefix(), "$count{$with}\t$sub($with)\tfirst from $first{$with}\n";
    }
    close $out or fail("arguments.pl: $file: $!");
    return;
};

1;
