#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Libraries behind modules: their constructors and destructors, what they import, their threads. One
# machine for all programs; those whose packages are not installed are left out.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

# Program of t/programs/libraries, package, environment, status.
my @rows = (
    ['own.py'],
    ['own.py', undef, 'CLOSE=1'],
    ['own.pl'],
    ['own.pl', undef, 'CLOSE=1'],
    ['own.pl', undef, 'EXIT=1', 3],
    ['instructions.py'],
    ['numpy_.py', 'python3-numpy'],
    ['cairo.pl', 'libcairo-perl'],
    ['random-qt.py', 'python3-pyqt5'],
    ['font.py', 'python3-pil'],
    ['pycurl_.py', 'python3-pycurl'],
    ['-m docutils d.rst', 'python3-docutils'],
);

# CROSSCUT_LIBRARIES=all: those that take minutes, too.
push @rows, ['pil_.py', 'python3-pil'], ['cryptography_.py', 'python3-cryptography'],
    ['lxml_.py', 'python3-lxml'],
    ['scipy_.py', 'python3-scipy'], ['pandas_.py', 'python3-pandas'], ['cairo_.py', 'python3-cairo']
    if ($ENV{CROSSCUT_LIBRARIES} // '') eq 'all';

my $directory = programs() . '/libraries';
my @here = grep { !$_->[1] || installed($_->[1]) } @rows;
my %lacking = map { ($_->[1] => 1) } grep { $_->[1] && !installed($_->[1]) } @rows;
my @made = qw(own instructions);
my $made = scratch('made');
succeeds(
    run({}, qw(gcc -shared -fPIC -o), "$made/$_.so", "$directory/$_.c", '-lm'),
    "a library is made: $_"
) for @made;

sub line {
    my ($number) = @_;
    my ($file, $package, $env) = @{$here[$number]};
    my $interpreter = $file =~ /[.]pl\z/ ? 'perl' : '/usr/bin/python3';
    return join ' ', 'env', $env // (), $interpreter, $file,
        "</dev/null; echo \"=== $number \$?\"; echo \"=== $number\" >&2\n";
}

my $run = vm_record(
    'libraries', [qw(sh run.sh)],
    # What has a library's name and is none is passed over.
    prepare => sub {
        symlink 'nothing', "$_[0]/nowhere.so" and symlink '.', "$_[0]/directory.so" or die $!;
    },
    files => {
        'run.sh' => join('', map { line($_) } 0 .. $#here),
        (map { ("$_.so" => slurp("$made/$_.so")) } @made),
        'd.rst' => "Title\n=====\n\nA *word*, and |date|.\n\n.. |date| date::\n",
        map { -e "$directory/$_->[0]" ? ($_->[0] => slurp("$directory/$_->[0]")) : () } @here
    });
succeeds($run, 'the programs run in the machine') or BAIL_OUT('nothing to slice');
my @outputs = group_outputs($run);
my %slice = map { ($_->{pid} => $_) } vm_slices($run->{log});
my @own = group_processes($run, values %slice);
is(scalar @own, scalar @here, 'each has a process');

for my $number (0 .. $#here) {
    my ($file, $package, $env, $status) = @{$here[$number]};
    subtest join(' ', $env // (), $file) => sub {
        is($outputs[$number]{status}, $status // 0, 'it runs in the machine')
            or diag($outputs[$number]{stderr});
        ok($own[$number]{slice}, 'it is sliced') or return diag($own[$number]{refused});
        same(
            replay($own[$number]{slice}), $outputs[$number],
            'replayed, the inputs gone: the same'
        );
    };
}

subtest 'instructions that bring something in' => sub {
    my ($number) = grep { $here[$_][0] eq 'instructions.py' } 0 .. $#here;
    my $own = $own[$number];
    for my $child (grep { $_->{parent} == $own->{pid} } values %slice) {
        my $status = $child->{status} < 0 ? 128 - $child->{status} : $child->{status};
        is(replay($child->{slice})->{status}, $status, "a child's status is $status");
    }
    # `told` is what the run was told; the library asks again.
    my @lines = split /^/, slurp("$directory/instructions.py");
    my ($first, $last) = grep { $lines[$_ - 1] =~ /^print[(](?:told|'again')/ } 1 .. @lines;
    my $copy = run(
        {}, command('cc-python-replay'), $own->{slice},
        '--print', "instructions.py:$first:describe() == told", '--print',
        "instructions.py:$last:library.tick() > last"
    );
    is(
        scalar(() = $copy->{stderr} =~ /\] True$/gm), 2,
        'in a copy, CPUID says what it did, and time goes on'
    );
    my $dump = run({}, command('cc-log'), 'dump', $own->{slice})->{stdout};
    my @shown = (
        $dump =~ /^\[\d+\] instruction path="[^"]+instructions.so", .* does="(\w+)"/gm,
        $dump =~ /^\[\d+\] (executed) count=\d/gm
    );
    my %counts;
    $counts{$_}++ for @shown;
    cmp_ok($counts{$_} // 0, '>', 1, "cc-log dump shows them: $_")
        for qw(cpuid rdtsc fault executed);
};

SKIP: {
    skip join(', ', sort keys %lacking) . ': not installed', 1 if %lacking;
    pass('all packages were there');
}

done_testing;
