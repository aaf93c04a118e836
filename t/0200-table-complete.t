#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever perl, python and their extension modules call in the C library has a row in the table of
# host calls. What is missing is printed, with who imports it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Sources;
use File::Find;
use Test::More;

my $build = $ENV{CROSSCUT_BUILD} // 'build';
my $table = "$build/t/unit/hostcall_table";

-x $table or BAIL_OUT("$table is not built: run make all units");

# The table's rows: symbol, row, class, spec.
my @rows = map { chomp; [split /\t/, $_, -1] } qx{$table --tsv};
is($?, 0, 'every row of the table parses') or BAIL_OUT('the table is malformed');

my %class = map { $_->[0] => $_->[2] } @rows;
is(scalar keys %class, scalar @rows, 'no symbol stands in two rows');

my %data =
    map { $_->[0] => 1 }
    grep { $_->[2] eq 'datasym' }
    map { chomp; [split /\t/, $_, -1] }
    qx{$table --tsv environ __environ stdin stdout stderr tzname __tzname in6addr_any in6addr_loopback};

my %count;
$count{$_->[2]}++ for @rows;
note join ', ', map {"$_ $count{$_}"} sort keys %count;
is_deeply(
    [sort keys %count],
    [qw(data host live load pure refuse thread)],
    'each class is in use: data, host, live, load, pure, refuse, thread'
);

# What a call does stands in its row: code that asks for a call by its name knows one, and not its
# kind.
sub asks_for_names {
    my @found;
    my $compares = qr/\bstr(?:n|case|ncase)?cmp\s*\((?:[^;()]|\([^;()]*\))*/;
    my $name = qr/\b(?:call|row|symbols?\[\w+\]|hostcalls?\[\w+\])(?:->|[.])name\b/;
    my $texts = sources(qr/[.][ch]\z/, qw(core runtimes contrib logs));
    for my $file (sort keys %{$texts}) {
        push @found, "$file: $1"
            while $texts->{$file} =~ /($compares$name|cc_hostcall_find\("\w+"\))/g;
    }
    return @found;
}
is_deeply(
    [asks_for_names()], [],
    q{no code asks for a call's name: what calls do is a column of the table}
);

# What a copy is told is found by the first name of a row, in a list that is halved and halved.
my ($answered) =
    sources(qr{/copy-calls[.]c\z}, 'core')->{'core/replay/copy-calls.c'} =~
    /^const struct cc_copy_call cc_copy_calls\[\] = \{(.*?)^\};/ms;
my @answered = $answered =~ /^\t\{"(\w+)"/mg;
cmp_ok(scalar @answered, '>', 80, 'copies are answered calls');
is_deeply(\@answered, [sort @answered], '... in order of their names');
my %first = map { $_->[1] => 1 } @rows;
is_deeply([grep { !$first{$_} } @answered], [], '... each of which is the first one of a row');

my @silent = grep { $_->[2] =~ /^(?:host|load|data|refuse)$/ && $_->[3] eq '' } @rows;
is("@{[map { $_->[0] } @silent]}", '', 'each logged row says what goes in and what comes out');

# A function that is called past its stub is known by its address alone, which several names may
# have.
sub share_an_address {
    my ($library) = @_;
    my (%row, %kinds);
    $row{$_->[0]} =
          $_->[2] eq 'thread' ? 'a thread\'s'
        : $_->[2] =~ /^(?:live|pure)$/ ? 'not logged'
        : "$_->[1]"
        for @rows;
    open my $nm, '-|', 'nm', '-D', '--defined-only', $library or die "nm: $!";
    while (<$nm>) {
        my ($address, $symbol) = /^(\w+) [TWi] (\w+)/ or next;
        push @{$kinds{$address}{$row{$symbol}}}, $symbol if $row{$symbol};
    }
    close $nm;
    return map {
        join ' and ',
            map {"@{$_}"} values %{$_}
    } grep { keys %{$_} > 1 } values %kinds;
}
is_deeply(
    [share_an_address('/lib/x86_64-linux-gnu/libc.so.6')], [],
    'names of one function share a row'
);

# The symbols that an object imports from libc, libm or libcrypt.
sub imports {
    my ($object) = @_;
    open my $nm, '-|', 'nm', '-D', $object or die "nm: $!";
    my @symbols;
    while (<$nm>) {
        # Data that is copied into an executable counts, too: B and V.
        push @symbols, $1 if /\s[UwBV]\s(\w+)\@+(?:GLIBC|XCRYPT)_/ || /\sw\s(\w+)$/;
    }
    close $nm;
    return @symbols;
}

sub objects_below {
    my (@directories) = @_;
    my @there = grep {-d} @directories;
    my @objects;
    find(sub { push @objects, $File::Find::name if /\.so\z/ && -f }, @there) if @there;
    @objects = sort @objects;
    return @objects;
}

sub is_covered {
    my ($what, @objects) = @_;
    my %missing;
    for my $object (@objects) {
        $missing{$_} //= $object for grep { !$class{$_} && !$data{$_} } imports($object);
    }
    diag("$_: no row in core/host/hostcalls.def ($missing{$_} imports it)") for sort keys %missing;
    return ok(!%missing, $what);
}

my $arch = '/usr/lib/x86_64-linux-gnu';

# Debian's most used extension modules, with all that they are linked with: their imports were
# collected by `make closure`, so that they need not be installed here.
sub closure_imports {
    my %importer;
    open my $in, '<', 't/data/closure-imports' or die "t/data/closure-imports: $!";
    while (<$in>) {
        $importer{$1} = $2 if /^(\w+) (.*)/;
    }
    close $in;
    return %importer;
}
my %closure = closure_imports();
my @lacking = grep { !$class{$_} && !$data{$_} } sort keys %closure;
my %variable =
    map { $_->[0] => 1 }
    grep { $_->[2] eq 'datasym' }
    map { chomp; [split /\t/, $_, -1] } @lacking ? qx{$table --tsv @lacking} : ();
@lacking = grep { !$variable{$_} } @lacking;
diag("$_: no row in core/host/hostcalls.def ($closure{$_} imports it)") for @lacking;
cmp_ok(
    scalar keys %closure, '>', 1000,
    'the imports of 140 packages\' modules and their libraries are known'
);
ok(!@lacking, '... and each of them has a row');
my @refused = grep { ($class{$_} // '') eq 'refuse' } sort keys %closure;
note("refused: @refused");

is_covered('every C-library import of /usr/bin/perl has a row', '/usr/bin/perl');

my @xs = objects_below("$arch/perl", "$arch/perl-base");
cmp_ok(scalar @xs, '>', 40, 'the XS modules of Debian\'s perl are there');
is_covered("every C-library import of each of the @{[scalar @xs]} XS modules has a row", @xs);

# Further packages' modules, of which any machine has some: what they need and the table lacks is
# named when such a run is sliced.
sub note_further {
    my (@objects) = @_;
    my %further;
    for my $object (@objects) {
        $further{$_} //= $object for grep { !$class{$_} && !$data{$_} } imports($object);
    }
    note("$_: no row in core/host/hostcalls.def ($further{$_} imports it)") for sort keys %further;
    return;
}
note_further(objects_below("$arch/perl5"));

SKIP: {
    my ($libperl) = glob "$arch/libperl.so.5.*";
    skip 'no libperl here', 1 if !$libperl;
    is_covered('every C-library import of libperl has a row', $libperl);
}

# What an object pulls in, but for the C library's own objects: they have no boundary (the stage's
# list is in core/stage/machine/objects.c).
sub libraries {
    my (@objects) = @_;
    my %found;
    for my $object (@objects) {
        $found{$1} = 1 while qx{ldd $object 2>/dev/null} =~ /=> (\S+)/g;
    }
    return
        grep { !m{/(?:lib(?:c|m|crypt|resolv|pthread|dl|rt|util)\.so|libnss_)} } sort keys %found;
}

SKIP: {
    my $python = '/usr/bin/python3.11';
    skip 'no python3.11 here', 3 if !-x $python;
    is_covered('every C-library import of /usr/bin/python3.11 has a row', $python);
    my %own = map { s/\n//r => 1 }
        qx{dpkg-query -L libpython3.11-minimal libpython3.11-stdlib 2>/dev/null};
    my @modules = grep { $own{$_} } objects_below('/usr/lib/python3.11/lib-dynload');
    my @others = grep { !$own{$_} } objects_below('/usr/lib/python3.11/lib-dynload');
    note_further(@others, libraries(@others));
    cmp_ok(scalar @modules, '>', 30, 'the extension modules of libpython3.11-stdlib are there');
    is_covered(
        "every C-library import of each of the @{[scalar @modules]} extension modules has a row",
        @modules
    );
    my @libraries = libraries($python, @modules);
    is_covered("... and of the @{[scalar @libraries]} libraries that they load", @libraries);
}

done_testing();
