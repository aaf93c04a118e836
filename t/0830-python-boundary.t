#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What the stage reads out of a guest that runs python, against the truth: the same script recorded
# natively by the preloaded recorder. And calls past the stubs, by the address of a function.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $script = <<'PYTHON';
import os, json, time, subprocess, struct
print(os.stat('/etc/passwd').st_size > 0, len(open('/etc/passwd').readlines()) > 1)
print(os.path.exists('/nonexistent/file'), time.localtime(0), sum(range(5)))
class Thing:
    def method(self):
        return [os.getppid() > 0 for _ in range(3)]
print(Thing().method(), (lambda: os.getcwd() != '')(), json.dumps([1]))
try:
    open('/nonexistent/file')
except OSError as error:
    print(error)
PYTHON

lines_up(
    'python', $script,
    'a run sliced out of a machine and the same run recorded natively make the same calls'
);

subtest 'functions of the C library that are called by their address' => sub {
    my $program = <<'PYTHON';
import ctypes, os, sqlite3
libc = ctypes.CDLL(None)
name = ctypes.create_string_buffer(100)
print(libc.getpid() == os.getpid(), libc.gethostname(name, 100), name.value, os.getpid())
print(ctypes.CDLL('libc.so.6').getppid(), libc.abs(-3), libc.getenv)
libc.puts(b'through stdio')
libc.fflush(None)
db = sqlite3.connect('data.db')
db.execute('create table t as select random() as x')
db.commit()
print(db.execute('select x from t').fetchone())
PYTHON
    my $run = vm_record('pointers', [qw(python3 p.py)], files => {'p.py' => $program});
    succeeds($run, 'it runs in the machine') or return;
    my ($result, $slice) = sliced($run, 'python');
    succeeds($result, 'it is sliced') or return;
    same(replay($slice), $run, 'ctypes and sqlite: the same');
};

done_testing;
