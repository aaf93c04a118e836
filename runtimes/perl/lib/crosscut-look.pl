# SPDX-License-Identifier: GPL-2.0-or-later
# What editors show of a program that is stopped: its stack and its variables, in a throwaway copy.
# runtimes/perl/debug/debuggee.c calls this. Variables are looked up by their names.
## no critic (ProhibitNoStrict, RequireFilenameMatchesPackage)
package Crosscut::Debugger;
use strict;
use warnings;
no warnings qw(experimental::builtin);

our $lexicals;    # from C: references, by name

# The innermost first. An eval of a block is a part of what it stands in.
sub stack {
    my @frames;
    my (undef, $file, $line) = caller 0;
    for (my $i = 1; my @call = caller $i; $i++) {
        next if $call[3] eq '(eval)' && !defined $call[6] && !$call[7];
        push @frames, {file => $file, line => $line, function => $call[3]};
        ($file, $line) = @call[1, 2];
    }
    return {frames => [@frames, {file => $file, line => $line, function => ''}]};
}

my ($deepest, $longest) = (3, 100);

sub quoted {
    my ($text) = @_;
    return $text if $text =~ /\A-?(?:0|[1-9][0-9]{0,14})\z/;
    return q(') . $text =~ s/([\\'])/\\$1/gr . q(');
}

sub some {
    my ($count, $shown) = @_;
    return join ', ', @{$shown}, $count > @{$shown} ? '...' : ();
}

# As source code would have it. Nothing of the program's is called: no overloading, no tied
# elements.
sub look {
    my ($reference, $depth) = @_;
    my $class = builtin::blessed($reference);
    my $kind = builtin::reftype($reference);
    my $text = tied_to($reference, $kind) ? '(tied)' : content($reference, $kind, $depth);
    return defined $class ? "bless($text, @{[quoted($class)]})" : $text;
}

sub tied_to {
    my ($reference, $kind) = @_;
    return $kind eq 'ARRAY' ? tied @{$reference} : $kind eq 'HASH' ? tied %{$reference} : undef;
}

sub content {
    my ($reference, $kind, $depth) = @_;
    my $deeper = $depth < $deepest;
    if ($kind eq 'ARRAY') {
        return '[...]' if !$deeper && @{$reference};
        my $last = $#{$reference} < $longest ? $#{$reference} : $longest - 1;
        return
              '['
            . some(scalar @{$reference}, [map { value(\$reference->[$_], $depth + 1) } 0 .. $last])
            . ']';
    }
    if ($kind eq 'HASH') {
        my @keys = sort keys %{$reference};
        return '{...}' if !$deeper && @keys;
        my @shown = @keys > $longest ? @keys[0 .. $longest - 1] : @keys;
        return '{' . some(
            scalar @keys,
            [map { quoted($_) . ' => ' . value(\$reference->{$_}, $depth + 1) } @shown]) . '}';
    }
    return $deeper ? '\\' . value($reference, $depth + 1) : '\\...'
        if $kind =~ /\A(?:SCALAR|REF|LVALUE|VSTRING)\z/;
    return sprintf '%s(0x%x)', $kind, builtin::refaddr($reference);
}

sub value {
    my ($scalar, $depth) = @_;
    return '(tied)' if tied ${$scalar};
    return 'undef' if !defined ${$scalar};
    return ref ${$scalar} ? look(${$scalar}, $depth) : quoted("${$scalar}");
}

sub shown {
    my ($sigil, $reference) = @_;
    return
        eval { $sigil eq '$' ? value($reference, 0) : look($reference, 0) }
        // "(cannot be shown: $@)";
}

sub variables {
    my ($with) = @_;
    my %locals = map { $_ => shown(substr($_, 0, 1), $lexicals->{$_}) } keys %{$lexicals};
    my %globals;
    my $stash = do { no strict 'refs'; \%{"$with->{package}::"} };
    for my $name (grep {/\A[a-zA-Z_]\w*\z/} keys %{$stash}) {
        my $glob = \$stash->{$name};
        next if ref $glob ne 'GLOB';
        $globals{"\$$name"} = shown('$', *{$glob}{SCALAR}) if defined ${*{$glob}{SCALAR}};
        $globals{"\@$name"} = shown('@', *{$glob}{ARRAY}) if *{$glob}{ARRAY} && @{*{$glob}{ARRAY}};
        $globals{"%$name"} = shown('%', *{$glob}{HASH}) if *{$glob}{HASH};
    }
    return {locals => \%locals, globals => \%globals};
}

1;
