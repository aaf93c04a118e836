#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A replay of which a part is missing says so. It never runs the program for real instead.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use File::Path qw(make_path);
use Test::More;

my $dir = scratch('parts');
my $effect = "$dir/effect";
spew("$dir/touch.pl", "open my \$out, '>', '$effect' or die; print 'ran'");
record_natively("$dir/slice.plog", {dir => $dir}, 'touch.pl');
unlink $effect;

# The command in a directory of its own, with such an object beside it.
sub replayed_beside {
    my ($name, $object) = @_;
    make_path("$dir/$name/bin", "$dir/$name/lib");
    copy(command('cc-perl-replay'), "$dir/$name/bin/cc-perl-replay") or die "cc-perl-replay: $!";
    chmod 0755, "$dir/$name/bin/cc-perl-replay";
    $object->("$dir/$name/lib/crosscut-perl-5.36.so");
    return run({dir => $dir}, "$dir/$name/bin/cc-perl-replay", "$dir/slice.plog");
}

sub refuses {
    my ($result, $reason, $name) = @_;
    return subtest $name => sub {
        is($result->{status}, 125, 'status 125');
        is($result->{stdout}, '', 'no output');
        like($result->{stderr}, $reason, 'the reason');
        unlike($result->{stderr}, qr/\n./, 'in one line');
        ok(!-e $effect, 'the program has not run');
    };
}

my $whole = sub { copy(replay_object('perl'), $_[0]) or die "$_[0]: $!" };

is(replayed_beside('whole', $whole)->{stdout}, 'ran', 'with all its parts it replays');
ok(!-e $effect, 'and makes no file');
refuses(
    replayed_beside('empty', sub { spew($_[0], '') }), qr/crosscut-perl-5\.36\.so: .*install/,
    'an object that cannot be loaded'
);
refuses(
    replayed_beside('a space', $whole), qr/crosscut-perl-5\.36\.so: .*a space/,
    'a path that LD_PRELOAD cannot hold'
);

done_testing;
