#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever an object of ours calls is there: in itself, in what it is loaded beside, or in the
# libraries that these are linked with. What is not would be a call to address 0, or a replay that
# does not start.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

# Weak ones that may be nowhere: their users look first.
my %optional = map { ($_ => 1) } qw(
    __gmon_start__ _ITM_deregisterTMCloneTable _ITM_registerTMCloneTable
    ZSTD_trace_compress_begin ZSTD_trace_compress_end ZSTD_trace_decompress_begin ZSTD_trace_decompress_end
);

# A name with its version, if it has one.
sub symbols {
    my ($file, @options) = @_;
    my @lines = split /\n/, run({}, 'nm', @options, $file)->{stdout};
    return map {s/@@/@/r} map { (split)[-1] } @lines;
}

# With all that they are linked with.
my %closures;

sub closure {
    my ($file) = @_;
    return @{$closures{$file} //= [$file, run({}, 'ldd', $file)->{stdout} =~ m{(/\S+) \(0x}g]};
}

my %defined;

sub defined_in {
    my ($file) = @_;
    return $defined{$file} //=
        {map { ($_ => 1, s/@.*//r => 1) } symbols($file, qw(-D --defined-only))};
}

sub missing {
    my ($object, @beside) = @_;
    my @files = map { closure($_) } $object, @beside;
    my %seen;
    @files = grep { !$seen{$_}++ } @files;
    return grep {
        my $symbol = $_;
        !$optional{$symbol} && !grep { defined_in($_)->{$symbol} } @files
    } symbols($object, qw(-D --undefined-only));
}

sub is_whole {
    my ($object, @beside) = @_;
    my $name = (split m{/}, $object)[-1];
    my $where = join ' and ', map { (split m{/})[-1] } @beside;
    return is_deeply([missing($object, @beside)], [], $where ? "$name beside $where" : $name);
}

# ---- the check itself ---------------------------------------------------------------------------

my $dir = scratch('symbols');
spew("$dir/lacking.c", <<'C');
void nowhere(void), perhaps(void) __attribute__((weak)), *malloc(unsigned long);
void f(void) { nowhere(); if (perhaps) perhaps(); malloc(1); }
C
succeeds(
    run({}, qw(cc -shared -fPIC -o), "$dir/lacking.so", "$dir/lacking.c"),
    'an object that lacks something'
);
is_deeply([sort(missing("$dir/lacking.so"))], [qw(nowhere perhaps)], 'is found out');

# ---- ours ----------------------------------------------------------------------------------------

my $lib = build() . '/lib';
my ($qemu) = grep {-x} map {"$_/qemu-system-x86_64"} split /:/, $ENV{PATH};
my @replays = (
    ['/usr/bin/perl', replay_object('perl')],
    ['/usr/bin/python3.11', replay_object('python')]);
is_whole(reverse @{$_}) for @replays;
is_whole("$lib/$_") for qw(crosscut-perl-5.36-analysis.so crosscut-python-3.11-analysis.so);
SKIP: {
    skip 'qemu-system-x86_64 is not here (package qemu-system-x86)', 1 if !$qemu;
    is_whole("$lib/cc-stage.so", $qemu);
}
for my $hook (glob "$lib/hooks/*.so") {
    is_whole($hook, @{$_}) for @replays;
}

# Programs: those that are linked statically have nobody beside them.
for my $program (glob(build() . '/bin/*'), build() . '/guest-init') {
    my $name = (split m{/}, $program)[-1];
    if (run({}, qw(readelf -d), $program)->{stdout} =~ /NEEDED/) {
        is_whole($program);
    }
    else {
        is_deeply([symbols($program, '-u')], [], "$name, which is static");
    }
}

# ---- names ---------------------------------------------------------------------------------------

# A replay object takes from the library what it has not itself: a function there that happens to have
# another one's name would be taken in its place, and nobody said so.
sub names_of {
    my (@objects) = @_;
    my $table = run({}, qw(nm --defined-only), @objects)->{stdout};
    return $table =~ /^\S+ [TDBR] (\w+)$/mg;
}
my %in_library = map { ($_ => 1) } names_of(build() . '/libcrosscut.a');
my $top = "$FindBin::Bin/..";
my @own =
    grep {-e}
    map { build() . s/\A\Q$top\E(.*)c\z/$1o/r }
    (glob "$top/core/replay/*.c $top/runtimes/*/{state,replay,debug}/*.c");
cmp_ok(scalar @own, '>', 60, 'replay objects have parts');
is_deeply(
    [grep { $in_library{$_} } names_of(@own)],
    [], 'none defines what the library does, too'
);

# ---- what a replay holds -------------------------------------------------------------------------

# Variables of this process, and caches: all others that may change stand together (state.h).
my %process = map { ($_ => 1) } qw(
    cc_context cc_frame_now cc_host cc_host_passes cc_inner_alloc cc_namespace_storage cc_program
    cc_tool     cc_tripwire_selector can chunk find plain real stack text
);
my @elsewhere;
my @names = map {m{(\w[\w-]*)[.]c\z}} glob "$FindBin::Bin/../core/replay/*.c";
for my $name (grep { $_ ne 'gen_thunks' } @names) {
    my $table = run({}, qw(objdump -t), build() . "/core/replay/$name.o")->{stdout};
    push @elsewhere,
        map {"$name: $_"}
        grep { !$process{$_} }
        $table =~ / O \.(?:data|data\.rel\.local|bss)\s+\S+\s+(?:\.hidden )?(\w+)/g;
}
cmp_ok(scalar @names, '>', 30, 'core/replay has files');
is_deeply(\@elsewhere, [], 'what a replay knows stands in one section');

unlike(
    slurp("$FindBin::Bin/../GNUmakefile"),
    qr/no-warnings|unresolved-symbols/,
    'the linker is not told to keep silent'
);

done_testing;
