#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that fills up while a log is written: a reason, and nothing half-written.
use strict;
use warnings;

use File::Spec;
use File::Temp qw(tempdir);
use Test::More;

my $build = $ENV{CROSSCUT_BUILD} // 'build';
my $make = File::Spec->rel2abs("$build/t/tools/make-plog");

plan skip_all => 'only root can mount a small file system' if $>;

# A file system of its own, in a mount name space that ends with the shell.
sub in_small_filesystem {
    my ($size, $command) = @_;
    my $dir = tempdir(CLEANUP => 1);
    my $output = qx{unshare -m sh -c 'mount -t tmpfs -o size=$size none "$dir" || exit 77
        cd "$dir" && dd if=/dev/zero of=filler bs=4096 count=1 2>/dev/null
        "\$0" a.plog 4; status=\$?; ls -A | grep -v filler; exit \$status' "$command" 2>&1};
    return ($output, $? >> 8);
}

my ($output, $status) = in_small_filesystem('4m', $make);
plan skip_all => 'cannot mount here' if $status == 77 || $output =~ /unshare/;
is($status, 0, 'there is room') or diag $output;
is($output, "a.plog\n", 'the log is the only file');

# One page is taken before: no room for the log, or for what follows its first frame.
for my $pages (1, 2) {
    ($output, $status) = in_small_filesystem($pages * 4096, $make);
    is($status, 125, "$pages pages are not enough: status 125");
    like($output, qr/a\.plog\S*: no space left on the device: /, 'the reason, and what to do');
    unlike($output, qr/\.plog$|^\S*tmp-\d+/m, 'nothing half-written is left');
}

done_testing;
