#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The layers of doc/architecture.md: no file includes what stands below its own directory there, core
# names no language, and one header alone knows how CPython lays its objects out.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Sources;
use Crosscut::Test;
use Test::More;

my $root = "$FindBin::Bin/..";
my ($table) = slurp("$root/doc/architecture.md") =~ /^## Layers\n(.*)/ms;
my @layers = $table =~ /^\| `([\w\/]+)` \|/mg;
cmp_ok(scalar @layers, '>', 10, 'doc/architecture.md has a table of layers');
my %height = map { $layers[$_] => $_ } 0 .. $#layers;

# The row of a file, by the longest directory that has one; undef: none.
sub height {
    my ($file) = @_;
    while ($file =~ s{/[^/]+\z}{}) {
        return $height{$file} if defined $height{$file};
    }
    return;
}

my (@homeless, @upward, %named);
my $texts = sources(qr/\.(?:[chS]|def)\z/, qw(core logs runtimes));
for my $file (sort keys %{$texts}) {
    my $own = height($file);
    push @homeless, $file if !defined $own;
    for my $included ($texts->{$file} =~ /^#include "([^"]+)"/mg) {
        my $its = height($included);
        next if !defined $its && $included !~ m{/};    # made by the build
        push @upward, "$file includes $included"
            if !defined $its || (defined $own && $its > $own);
    }
    next if $file !~ m{\Acore/};
    my $line = 0;
    for (split /^/, $texts->{$file}) {
        $line++;
        $named{"$file:$line"} = $_ if /perl|python/i;
    }
}
is_deeply(\@homeless, [], 'each file is in a directory that has a row');
is_deeply(\@upward, [], 'no include runs up');

is_deeply(\%named, {}, 'core names no language');

# Whoever adds a version of CPython finds in runtimes/python/state/layout*.h, and nowhere else, what
# differs in: names of its headers, and members that only its own C files are to know.
my @layout = (
    ['how digits are packed, and where the sign is' => qw(ob_digit PyLong_SHIFT _longobject)],
    [
        'what a str says of itself, before its characters' =>
            qw(Py(?:ASCII|CompactUnicode|Unicode)Object)
    ],
    ['a set has a table, with dummies in it' => qw(PySetObject setentry)],
    [
        'a dict has keys and values apart, which it may share' =>
            qw(ma_\w+ dk_\w+ DK_\w+ DKIX_\w+ DICT_KEYS_\w+ PyDict(?:Keys|Values)\w* me_\w+)
    ],
    [
        'an instance has its dict, or values, in front of it or behind' =>
            qw(ht_cached_keys _PyObject_\w+Pointer Py_TPFLAGS_MANAGED_DICT tp_dictoffset)
    ],
    [
        'a code object ends with its units, of an opcode and an argument' =>
            qw(co_code_adaptive _PyCode_\w+ _PyCodeConstructor _co_firsttraceable),
        qw(_Py_CODEUNIT _Py_OP\w+)
    ],
    [
        'tables of a code object are packed' =>
            qw(co_linetable co_exceptiontable PY_CODE_LOCATION_INFO\w+)
    ],
    [
        'variables of all kinds stand in one list, some in cells' =>
            qw(co_n?localsplus\w* localsplus CO_FAST_\w+ ob_ref)
    ],
    [
        'a frame is no object, and somebody else owns its memory' =>
            qw(prev_instr stacktop f_(?:code|globals|builtins|locals|frame|func) previous gi_iframe),
        qw(f_(?:back|lineno|trace|trace_lines|trace_opcodes|fast_as_locals)),
        qw(FRAME_OWNED_\w+ FRAME_SPECIALS_SIZE _PyFrame_\w+ _PyInterpreterFrame_\w+)
    ],
    [
        'a thread leads to the frame that runs, and has what is raised' =>
            qw(_?cframe use_tracing recursion_remaining curexc_\w+ thread_id),
        qw(tracing c_(?:trace|profile)(?:func|obj)),
        qw(_PyThreadState_\w+)
    ],
    [
        'the lock of the interpreter, and what breaks in on code' =>
            qw(gilstate tstate_current gil_\w+ _gil_runtime_state ceval _ceval_state eval_breaker),
        qw(interpreters signals_pending last_holder main_thread)
    ],
);

# Of these a file may include private headers: for tables of opcodes, and for a function.
my %included = (
    'runtimes/python/state/opnames.c' => 'pycore_opcode.h',
    'runtimes/python/analysis/analysis.c' => 'pycore_ceval.h',
);

# The text without comments, strings and lines of the preprocessor that include.
sub code_of {
    my ($text) = @_;
    $text =~ s{/\*.*?\*/}{}gs;
    $text =~ s{"(?:[^"\\\n]|\\.)*"}{""}g;
    $text =~ s{^#include.*}{}gm;
    return $text;
}

my @private;
for my $file (grep {m{\Aruntimes/python/.*\.[ch]\z}} sort keys %{$texts}) {
    next if $file =~ m{/state/layout[\w-]*\.h\z};
    my $code = code_of($texts->{$file});
    for (@layout) {
        my ($why, @names) = @{$_};
        for my $name (@names) {
            push @private, "$file has $1: $why" if $code =~ /(?<!\w)($name)(?!\w)/;
        }
    }
    push @private, "$file includes $_"
        for grep { $_ ne ($included{$file} // q{}) }
        $texts->{$file} =~ m{^#include <internal/([^>]+)>}mg;
}
is_deeply(\@private, [], 'runtimes/python/state/layout.h alone knows how objects are laid out');

done_testing;
