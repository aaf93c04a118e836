#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Perl programs recorded without a machine: each row is a program of t/programs, and what a user can
# now replay with the same output, messages and status, wherever and whoever they are.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $text = join '', map {"line $_ of the input, word@{[$_ % 7]} and word@{[$_ % 3]}\n"} 1 .. 200;

my @programs = (
    ['compute',       'long computations on random data'],
    ['files',         'files: modes, dup, in memory, seek, truncate, $., eof'],
    ['filetests',     'stat, lstat, -X, links, modes and times of files'],
    ['layers',        'layers and encodings'],
    ['argv',          '<>, $ARGV, in-place editing, __DATA__', stdin => $text, arguments => [qw(one two)]],
    ['stdin',         'standard input from a file', stdin => $text],
    ['stdin',         'standard input that is empty'],
    ['buffering',     'buffered and unbuffered output on both outputs'],
    ['heavy-output',  'half a megabyte of output'],
    ['directories',   'directories, glob, File::Find, chdir'],
    ['clock',         'time, localtime, Time::HiRes, sleep, select'],
    ['dates',         'dates under several time zones'],
    ['dates',         'dates with TZ in the environment', env => {TZ => 'America/St_Johns'}],
    ['random',        'rand, srand, shuffle, /dev/urandom'],
    ['hashorder',     'hash order with default settings'],
    ['hashorder',     'hash order with PERL_HASH_SEED=0', env => {PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 1}],
    ['environment',   '%ENV, $$, $0, @INC, ids, limits', arguments => ['one', 'two words', "caf\xc3\xa9"]],
    ['modules',       'modules: require, do, @INC hooks'],
    ['xs',            'XS modules'],
    ['json',          'JSON::PP'],
    ['shell',         'system, backticks, pipes both ways, open2, open3', children => 1],
    ['fork',          'fork, wait, waitpid, pipes between processes', children => 1],
    ['sockets',       'sockets on loopback with IO::Socket and IO::Select', children => 1],
    ['users',         'users, groups, hosts, services, getaddrinfo'],
    ['signals',       'signals that a program sends itself'],
    ['errno',         '$!, %!, $@'],
    ['exit-3',        'an exit status, END blocks, destructors', status => 3],
    ['exit-in-end',   'a status set by an END block', status => 42],
    ['die',           'an uncaught die', status => 255],
    ['formats',       'printf, formats, pack'],
    ['sort',          'sorting'],
    ['language',      'local, tie, overload, string eval, regexes with code'],
    ['addresses',     'addresses that a program prints'],
    ['locales',       'locales', env => {LC_ALL => 'C.UTF-8'}],
    ['locales',       'locales that are not there', env => {LANG => 'xx_YY.UTF-8', LC_TIME => 'C'}],
);

my $only = $ENV{CROSSCUT_ONLY};
for my $row (@programs) {
    my ($name, $title, %with) = @{$row};
    next if $only && $name !~ /^(?:$only)$/;
    live($name, title => "$name: $title", %with);
}

done_testing;
