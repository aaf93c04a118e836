#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Host calls in the corners of their manual pages. Each program is judged by its slice: what it
# prints and how it ends is what the run did.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use Test::More;

my @rows = (
    ['siginfo.pl' => 'a handler with SA_SIGINFO is told who sent the signal'],
    ['siginfo.py' => 'a C handler of an extension gets siginfo_t and ucontext_t as the kernel gave them'],
);

sub row {
    my ($file, $title, %with) = @_;
    my $language = $file =~ /py\z/ ? 'python' : 'perl';
    return {name => $file, title => $title, language => $language, interpreter => [$file], group => 1, %with};
}

my @programs = map { row(@{$_}) } grep { chosen($_->[0]) } @rows;
$programs[0]{prepare} = sub {
    my ($work) = @_;
    copy("@{[programs]}/calls/$_->{name}", "$work/$_->{name}") or die "$_->{name}: $!" for @programs;
};
vm_group('calls', @programs);

done_testing;
