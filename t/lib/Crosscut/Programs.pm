# SPDX-License-Identifier: GPL-2.0-or-later
# The programs of t/programs and t/programs/python, each with what a user can record and replay
# because of it. One table for the tests without a machine and in one.
#
# A row: program, title, then options:
#   group      the programs of one group share a recording in the machine; none: its own recording
#   arguments, stdin, env, status, files, prepare
#   interpreter, binary   what stands in place of the program's name, and of the interpreter's
#   children   it has children, whose lines begin with "child" and belong to their own slices
#   machine    only a machine records what it does: asynchronous signals, sudden death
package Crosscut::Programs;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(@programs @python_programs);

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
    ['large', 'reads and writes of 20 MB at once', group => 'files'],
    ['sizes', 'reads and writes of every small size', group => 'files'],

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

my $one_liner =
    'import sys, os, time; print(sys.argv, sys.flags, os.getpid(), time.time(), {"a", "b", "c"})';
my %package = (
    'package/__init__.py' => "print('package', __name__, __file__)\n",
    'package/__main__.py' =>
        "from package import *\nimport sys\nprint('main', sys.argv, sys.path, __spec__)\n"
);

sub system_or_die { my (@command) = @_; return system(@command) == 0 || die "@command: it failed" }

my @python = ([
        'files', 'files: text, binary, buffered, newline modes, encodings, descriptors',
        group => 'files'
    ],
    [
        'directories', 'pathlib, shutil, tempfile, glob, os.walk, links, modes, times',
        group => 'files'
    ],
    ['stdin', 'standard input from a file', group => 'files', stdin => $text],
    ['stdin', 'standard input that is empty', group => 'files'],
    ['output', 'large output, bytes that are no text, both outputs', group => 'files'],
    ['formats', 'json, csv, zipfile, tarfile, gzip, lzma, hashlib, xml, pickle', group => 'files'],
    ['database', 'sqlite3', group => 'files'],

    ['clock', 'time, datetime, sleep', group => 'clocks'],
    ['dates', 'dates under several time zones, zoneinfo', group => 'clocks'],
    [
        'dates', 'dates with TZ in the environment', group => 'clocks',
        env => {TZ => 'America/St_Johns'}
    ],
    ['randomness', 'random, secrets, uuid, os.urandom', group => 'clocks'],
    ['hashorder', 'the order of sets of strings', group => 'clocks'],
    ['hashorder', '... with PYTHONHASHSEED=0', group => 'clocks', env => {PYTHONHASHSEED => 0}],
    ['addresses', 'id(), default repr, sets of objects by address', group => 'clocks'],
    [
        'collector', 'garbage collection, __del__, weakrefs, atexit at their moments',
        group => 'clocks'
    ],

    [
        'environment', 'sys, os.environ, ids, platform, locale, users, limits',
        group => 'language',
        arguments => ['one', 'two words', "caf\xc3\xa9", "\xff\xfe"]
    ],
    [
        'environment', '... with another locale',
        group => 'language',
        env => {LC_ALL => 'POSIX', PYTHONUTF8 => 0, PYTHONIOENCODING => 'latin-1:replace'}
    ],
    [
        'modules', 'import: packages, zip files, finders, every extension module',
        group => 'language'
    ],
    ['language', 'generators, classes, matching, exceptions, computations', group => 'language'],
    [
        'tracebacks', 'logging, warnings, recursion, an uncaught exception', group => 'language',
        status => 1
    ],
    ['exit-3', 'an exit status, atexit', group => 'language', status => 3],
    ['exit-text', 'sys.exit with a message', group => 'language', status => 1],
    ['foreign', 'ctypes: functions that only compute, callbacks, structures', group => 'language'],
    ['mapped', 'mmap of files', group => 'language', children => 1],

    [
        'one-liner', 'python3 -c', group => 'starts', interpreter => ['-c', $one_liner],
        arguments => [qw(x y)]
    ],
    [
        'optimised', 'python3 -OO', group => 'starts',
        interpreter => ['-OO', '-c', "assert 0; $one_liner"]
    ],
    [
        'developer', 'python3 -X dev -W error -u',
        group => 'starts',
        interpreter => [qw(-X dev -W error -u -c), $one_liner]
    ],
    [
        'isolated', 'python3 -I -S -B', group => 'starts',
        interpreter => [qw(-I -S -B -c), $one_liner]
    ],
    [
        'standard-input', 'a program on standard input', group => 'starts', interpreter => ['-'],
        stdin => "$one_liner\n"
    ],
    [
        'package', 'python3 -m package',
        group => 'starts',
        interpreter => [qw(-m package)],
        arguments => ['x'],
        files => \%package
    ],
    [
        'directory', 'a directory with a __main__.py',
        group => 'starts',
        interpreter => ['application'],
        files => {
            'application/__main__.py' => "import sys\nprint('main', __file__, sys.argv, sys.path)\n"
        }
    ],
    [
        'zipapp', 'a zipapp',
        group => 'starts',
        interpreter => ['app.pyz'],
        files => {
            'app/__main__.py' =>
                "import sys, helper\nprint(sys.argv, sys.path, helper.x, __file__)\n",
            'app/helper.py' => "x = __loader__\n"
        },
        prepare => sub {
            system_or_die(
                '/usr/bin/python3.11', '-m', 'zipapp', "$_[0]/app", '-o',
                "$_[0]/app.pyz"
            );
        }
    ],
    [
        'path', 'PYTHONPATH',
        group => 'starts',
        env => {PYTHONPATH => 'elsewhere', PYTHONDONTWRITEBYTECODE => 1},
        interpreter => ['-c', 'import sys, thing; print(thing.where, sys.path)'],
        files => {'elsewhere/thing.py' => "where = __file__\n"}
    ],
    [
        'venv', 'a virtual environment in the working directory',
        group => 'starts',
        binary => 'venv/bin/python',
        interpreter => [
            '-c',
            'import sys, thing; print(sys.prefix, sys.base_prefix, sys.executable, sys.path, thing)'
        ],
        prepare => sub {
            system_or_die(qw(/usr/bin/python3.11 -m venv --without-pip), "$_[0]/venv");
            open my $out, '>', "$_[0]/venv/lib/python3.11/site-packages/thing.py" or die $!;
            print {$out} "x = 1\n";
            close $out or die $!;
        }
    ],

    ['processes', 'subprocess, os.system, popen, posix_spawn', group => 'processes', children => 1],
    ['fork', 'os.fork, wait, multiprocessing by fork', group => 'processes', children => 1],
    [
        'parallel', 'multiprocessing: spawn, fork, forkserver, queues, locks, pools',
        group => 'processes',
        machine => 1
    ],
    [
        'sockets', 'sockets on loopback, select, poll, epoll, name lookups', group => 'processes',
        children => 1
    ],
    ['aio', 'asyncio: tasks, queues, streams, timeouts', group => 'processes'],
    ['web', 'http.server and urllib on loopback', group => 'processes', children => 1],
    ['tls', 'ssl on loopback', group => 'processes', children => 1],

    [
        'threads', 'threads: locks, conditions, barriers, timers, thread-local data, daemons',
        group => 'threads', machine => 1
    ],
    ['races', 'data races', group => 'threads', machine => 1],
    [
        'threadpool', 'pools of threads, queues, asyncio with threads', group => 'threads',
        machine => 1
    ],
    [
        'threadsignals', 'signals at any op, threads and a fork among them',
        group => 'threads',
        machine => 1,
        children => 1
    ],

    ['dumped', "a signal handler of an extension's own", machine => 1],
    ['asked', 'signals in the middle of functions in C', machine => 1, status => 128 + 2],
    [
        'killed', 'a program that kills itself', machine => 1, arguments => ['SIGKILL'],
        status => 128 + 9
    ],
    ['killed', 'death by a signal', machine => 1, arguments => ['SIGTERM'], status => 128 + 15],
);

our @python_programs = map { [@{$_}, language => 'python'] } @python;

1;
