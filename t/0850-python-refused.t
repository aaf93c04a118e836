#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What is not understood or not here is refused in one line that names it, with status 125, and
# nothing is half-written.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

sub refused {
    my ($result, $by, $says, $name) = @_;
    return subtest $name => sub {
        is($result->{status}, 125, 'status 125');
        is($result->{stdout}, '', 'nothing is printed as if it were the program\'s');
        my @lines = grep {/\Acc-/} split /^/, $result->{stderr};
        is(scalar @lines, 1, 'one line says why');
        like($lines[0] // '', qr/\A$by: .*$says/, '... and names it') or diag($result->{stderr});
    };
}

sub refused_slicing {
    my ($run, $says, $name) = @_;
    my ($result, $slice) = sliced($run, 'python');
    refused({%{$result}, stdout => ''}, 'cc-slice', $says, $name);
    return ok(!-e $slice, '... nothing is written');
}

# ---- in a machine ------------------------------------------------------------------------------

subtest 'another version of python' => sub {
    my @symbols =
        qw(PyLong_Type PyBool_Type PyFloat_Type PyUnicode_Type PyBytes_Type _Py_NoneStruct);
    my $source = join '', map({"int $_;\n"} '_PyRuntime', @symbols),
        "const unsigned long Py_Version = 0x030d01f0;\n",
        "int _PyEval_EvalFrameDefault(void) { return 0; }\n",
        "int main(void) { return _PyEval_EvalFrameDefault(); }\n";
    my $run = vm_record(
        'version',
        ['./python3.13'],
        prepare => sub {
            my ($work) = @_;
            spew("$work/python.c", $source);
            succeeds(
                run({}, qw(cc -rdynamic -o), "$work/python3.13", "$work/python.c"),
                'it is made'
            );
        });
    succeeds($run, 'it runs in the machine') or return;
    refused_slicing(
        $run, qr/python 3\.13\.1; .*3\.11\.\d+ is understood/,
        'cc-slice says which it would understand'
    );
};

subtest 'a call that is not modelled' => sub {
    my $run = vm_record(
        'call',
        ['python3', '-c', "import ctypes\n\nctypes.CDLL(None).aio_suspend(None, 0, None)"]);
    succeeds($run, 'it runs in the machine') or return;
    refused_slicing(
        $run, qr/<string>:3: aio_suspend64 is not modelled/,
        'it is named, with its line'
    );
};

subtest 'a module that makes system calls itself' => sub {
    my $run = vm_record(
        'bypass',
        ['python3', '-c', 'import bypass; print(bypass.pid())'],
        prepare => sub {
            my ($work) = @_;
            spew("$work/bypass.c", <<'C');
#include <Python.h>
static PyObject *pid(PyObject *self, PyObject *args)
{
	long pid;

	__asm__ volatile("syscall" : "=a"(pid) : "a"(39L) : "rcx", "r11", "memory");
	return PyLong_FromLong(pid);
}
static PyMethodDef methods[] = {{"pid", pid, METH_NOARGS, ""}, {0}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "bypass", "", -1, methods};
PyMODINIT_FUNC PyInit_bypass(void) { return PyModule_Create(&module); }
C
            succeeds(
                run(
                    {}, qw(cc -shared -fPIC -I/usr/include/python3.11 -o), "$work/bypass.so",
                    "$work/bypass.c"
                ),
                'it is built'
            );
        });
    succeeds($run, 'it runs in the machine') or return;
    refused_slicing(
        $run, qr/<string>:1: system call 39 outside of any host call/,
        'the call is named, with its line'
    );
};

# ---- replaying ---------------------------------------------------------------------------------

my ($run, $slice) = live_record(
    'modules', [], language => 'python',
    interpreter => ['-c', 'import _json; print(_json)']);
succeeds($run, 'a program with an extension module is recorded');

# Replays where another file stands in place of the run's.
sub replay_with {
    my ($file, $instead) = @_;
    my $mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
    return run(
        {}, qw(unshare -m sh -c), $mount, 'sh', $instead, $file,
        command('cc-python-replay'), $slice
    );
}

SKIP: {
    skip 'only root can hide a file', 3 if $> != 0 || run({}, qw(unshare -m true))->{status} ne 0;
    my $modules = '/usr/lib/python3.11/lib-dynload';
    my $module = "$modules/_json.cpython-311-x86_64-linux-gnu.so";
    refused(
        replay_with($module, '/dev/null'),
        'cc-python-replay', qr/_json.*install the package/, 'an extension module that is not here'
    );
    refused(
        replay_with($module, "$modules/_queue.cpython-311-x86_64-linux-gnu.so"),
        'cc-python-replay', qr/_json.*build-id/, 'one of another build'
    );
    refused(
        replay_with('/usr/bin/python3.11', '/usr/bin/perl'),
        'cc-python-replay', qr/python3\.11 here is not the run's/, 'another python'
    );
}

my $cut = scratch('cut') . '/slice.pylog';
spew($cut, substr slurp($slice), 0, 0.7 * -s $slice);
refused(replay($cut), 'cc-python-replay', qr/./, 'a slice that was cut');
refused(
    run({}, command('cc-perl-replay'), $slice), 'cc-perl-replay', qr/pylog/,
    'a python slice given to cc-perl-replay'
);
refused(
    run({}, command('cc-python-replay'), '/nonexistent'), 'cc-python-replay', qr/nonexistent/,
    'no slice at all'
);

done_testing;
