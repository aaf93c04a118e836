#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# JSON::PP both ways, in hash order and canonical, through files.
use strict;
use warnings;

use File::Temp qw(tempfile);
use JSON::PP;

my $data = {
    pid => $$,
    time => time,
    random => [map {rand} 1 .. 5],
    nothing => undef,
    true => JSON::PP::true,
    text => "\x{17c}\x{f3}\x{142}w \"quoted\" \\ \n\t\x{1F600}",
    nested => {map { ("k$_" => {n => $_, list => [1 .. $_]}) } 1 .. 6},
    numbers => [1, -2.5, 1e30, '007', 0 + '12'],
};
my $json = JSON::PP->new->utf8;
my $text = $json->encode($data);
print "$text\n";
print JSON::PP->new->ascii->pretty->canonical->encode($data);
my ($out, $name) = tempfile('json-XXXXXX', DIR => '.', UNLINK => 1);
print {$out} $json->pretty->encode($data);
close $out or die "$name: $!";
open my $in, '<:raw', $name or die "$name: $!";
my $back = $json->decode(do { local $/; <$in> });
close $in or die "$name: $!";
print 'back: ',
    join(' ',
    map { "$_=" . ($back->{$_} // 'null') }
    grep { !ref $back->{$_} && $_ ne 'text' } keys %{$back}),
    "\n";
print 'bad: ', (eval { $json->decode('{"a": [1, 2,, 3]}') } ? 'fine' : $@);
$json->incr_parse(substr $text, 0, 40);
$json->incr_parse(substr $text, 40);
print 'in pieces: ', join(' ', keys %{$json->incr_parse}), "\n";
