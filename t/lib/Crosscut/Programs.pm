# SPDX-License-Identifier: GPL-2.0-or-later
# The programs of t/programs, each with what a user can record and replay because of it. One table
# for the tests without a machine and in one.
#
# A row: program, title, then options:
#   group      the programs of one group share a recording in the machine; none: its own recording
#   arguments, stdin, env, status
#   children   it has children, whose lines begin with "child" and belong to their own slices
#   machine    only a machine records what it does: asynchronous signals, sudden death
package Crosscut::Programs;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(@programs);

my $text = join '', map {"line $_ of the input, word@{[$_ % 7]} and word@{[$_ % 3]}\n"} 1 .. 200;

our @programs = (
    ['files', 'files: modes, dup, in memory, seek, truncate, $., eof', group => 'files'],
    ['filetests', 'stat, lstat, -X, links, modes and times of files', group => 'files'],
    ['layers', 'layers and encodings', group => 'files'],
    [
        'argv', '<>, $ARGV, in-place editing, __DATA__',
        group => 'files',
        stdin => $text,
        arguments => [qw(one two)]
    ],
    ['stdin', 'standard input from a file', group => 'files', stdin => $text],
    ['stdin', 'standard input that is empty', group => 'files'],
    ['directories', 'directories, glob, File::Find, chdir', group => 'files'],
    ['buffering', 'buffered and unbuffered output on both outputs', group => 'files'],
    ['heavy-output', 'half a megabyte of output', group => 'files'],

    ['clock', 'time, localtime, Time::HiRes, sleep, select', group => 'clocks'],
    ['dates', 'dates under several time zones', group => 'clocks'],
    [
        'dates', 'dates with TZ in the environment',
        group => 'clocks',
        env => {TZ => 'America/St_Johns'}
    ],
    ['random', 'rand, srand, shuffle, /dev/urandom', group => 'clocks'],
    ['hashorder', 'hash order with default settings', group => 'clocks'],
    [
        'hashorder', 'hash order that the environment fixes',
        group => 'clocks',
        env => {PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 1}
    ],
    ['addresses', 'addresses that a program prints', group => 'clocks'],
    ['locales', 'locales', group => 'clocks', env => {LC_ALL => 'C.UTF-8'}],
    [
        'locales', 'locales that are not there',
        group => 'clocks',
        env => {LANG => 'xx_YY.UTF-8', LC_TIME => 'C'}
    ],
    ['users', 'users, groups, hosts, services, getaddrinfo', group => 'clocks'],

    [
        'environment', '%ENV, $$, $0, @INC, ids, limits',
        group => 'language',
        arguments => ['one', 'two words', "caf\xc3\xa9"]
    ],
    ['modules', 'modules: require, do, @INC hooks', group => 'language'],
    ['xs', 'XS modules', group => 'language'],
    ['json', 'JSON::PP', group => 'language'],
    ['language', 'local, tie, overload, string eval, regexes with code', group => 'language'],
    ['formats', 'printf, formats, pack', group => 'language'],
    ['sort', 'sorting', group => 'language'],
    ['compute', 'long computations on random data', group => 'language'],
    ['errno', '$!, %!, $@', group => 'language'],
    ['exit-3', 'an exit status, END blocks, destructors', group => 'language', status => 3],
    ['exit-in-end', 'a status set by an END block', group => 'language', status => 42],
    ['die', 'an uncaught die', group => 'language', status => 25],

    [
        'shell', 'system, backticks, pipes both ways, open2, open3',
        group => 'processes',
        children => 1
    ],
    ['fork', 'fork, wait, waitpid, pipes between processes', group => 'processes', children => 1],
    [
        'sockets', 'sockets on loopback with IO::Socket and IO::Select',
        group => 'processes',
        children => 1
    ],

    ['signals', 'signals that a program sends itself', group => 'signals', machine => 1],
    [
        'alarms', 'signals at any op: alarm, SIGCHLD, in loops and calls',
        group => 'signals',
        machine => 1
    ],
    [
        'loopsignals', 'signals where run loops begin and end: sort blocks, code in patterns, tie',
        group => 'signals',
        machine => 1
    ],
    ['sigaction', 'POSIX::sigaction with safe handlers', group => 'signals', machine => 1],
    ['timeouts', 'a handler that dies inside a system call', machine => 1],
    ['kill-9', 'a program that kills itself', machine => 1, status => 128 + 9],
    ['kill-term', 'death by a signal', machine => 1, status => 128 + 15],
);

1;
