#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# An interpreter of another version, or any object of another build than the run's, is named with
# what would be needed: when a run is sliced, and as a replay begins.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP qw(decode_json);
use Test::More;

my $tamper = test_tool('tamper-plog');

# Perl's own file that calls itself another version, with a build-id to match: where its symbols
# stand is asked of nm.
sub other_perl {
    my ($to, %change) = @_;
    my $bytes = slurp('/usr/bin/perl');
    for my $symbol (keys %change) {
        my ($address) =
            run({}, qw(nm -D /usr/bin/perl))->{stdout} =~ /^([0-9a-f]+) \w \Q$symbol\E$/m
            or return;
        substr $bytes, hex $address, length $change{$symbol}, $change{$symbol};
    }
    my ($id) = run({}, qw(readelf -n /usr/bin/perl))->{stdout} =~ /Build ID: ([0-9a-f]+)/;
    my $at = index $bytes, pack 'H*', $id;
    substr($bytes, $at, 1) ^= chr scalar %change;    # one of its own
    spew($to, $bytes);
    return chmod 0755, $to;
}

# One recording for all: another version, one that was built otherwise, and Debian's perl and
# python.
my $script = <<'END';
bin/perl -e 'print "another version\n"'
bin/perl5.36-debug -e 'print "another build\n"'
perl -MPOSIX=floor -e 'print floor(2.5), "\n"'
python3 -c 'import zlib, _json; print(zlib.crc32(b"x"))'
END
my $run = vm_record(
    'versions',
    [qw(sh run.sh)],
    files => {'run.sh' => $script},
    prepare => sub {
        my ($work) = @_;
        mkdir "$work/bin";
        other_perl("$work/bin/perl", PL_version => chr 40, PL_subversion => chr 1)
            or BAIL_OUT('no PL_version');
        other_perl("$work/bin/perl5.36-debug", PL_interp_size => pack 'v', 5000);
    });
succeeds($run, 'four interpreters are recorded');
my $dir = scratch('sliced');
my $sliced = run({timeout => 300}, command('cc-slice'), $run->{log}, '-o', "$dir/");
is($sliced->{status}, 125, 'not all of them can be sliced');
like(
    $sliced->{stderr},
    qr/^cc-slice: process \d+: this is perl 5\.40\.1; .*5\.36\.0/m,
    'another version is named'
);
like(
    $sliced->{stderr},
    qr/^cc-slice: process \d+: .*PL_interp_size/m,
    'so is a perl with other structs in it'
);
my ($perl) = glob "$dir/*.plog";
my ($python) = glob "$dir/*.pylog";
is(() = glob("$dir/*log"), 2, 'the other two are');

my ($version) = run({}, qw(dpkg-query -W -f ${Version} zlib1g))->{stdout};
my @modules = grep { $_->{type} eq 'module' } map { decode_json($_) } split /\n/,
    run({}, command('cc-log'), 'dump', '--json', $python)->{stdout};
is_deeply(
    [map { $_->{package} } grep { $_->{path} =~ /libz\.so/ } @modules],
    ["zlib1g $version"], 'a slice says of which package and version an object was'
);

# ---- replaying ---------------------------------------------------------------------------------

sub is_same {
    my ($slice, $output) = @_;
    my $replay = replay($slice);
    return is($replay->{stderr} . $replay->{stdout}, $output, 'untouched, it replays');
}

sub other_build {
    my ($slice, $object, $says) = @_;
    my $forged = $slice =~ s/\.(\w+)\z/-forged.$1/r;
    return subtest "another build of $object" => sub {
        succeeds(
            run({}, $tamper, $slice, $forged, 'build', $object),
            'a slice that wants it is made'
        );
        my $replay = replay($forged);
        is($replay->{status}, 125, 'status 125');
        is($replay->{stdout}, '', 'nothing has run');
        like(
            $replay->{stderr},
            qr/\Acc-\w+-replay: [^\n]*\Q$object\E[^\n]* is not the run's[^\n]*\n\z/,
            'one line names it'
        );
        like($replay->{stderr}, $says, 'and what is needed');
    };
}

is_same($perl, "2\n");
is_same($python, "2363233923\n");
my $zlib = quotemeta "the run's was of zlib1g $version";
other_build($python, 'libz.so', qr/$zlib/);
other_build($python, 'libexpat.so', qr/libexpat1/);
other_build($python, '/_json.', qr/python3/);
other_build($perl, 'libc.so', qr/libc6/);
other_build($perl, 'ld-linux', qr/libc6/);
other_build($perl, 'libcrypt.so', qr/libcrypt1/);
other_build($perl, 'POSIX.so', qr/perl-base/);

my $later = $perl =~ s/\.plog\z/-later.plog/r;
succeeds(run({}, $tamper, $perl, $later, 'version', '5.40.1'), 'a slice of a later perl is made');
my $refused = replay($later);
is($refused->{status}, 125, 'it is not replayed');
like(
    $refused->{stderr},
    qr/\Acc-perl-replay: [^\n]*version 5\.40\.1[^\n]*for 5\.36\n\z/,
    'and what would be needed is said'
);

my ($native, $slice) =
    live_record('modules', [], language => 'python', interpreter => ['-c', 'print(7)']);
succeeds($native, 'a program is recorded without a machine');
is_same($slice, "7\n");
other_build($slice, 'libz.so', qr/zlib1g/);

done_testing;
