#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What perl says of a file: stat, lstat, -X alone and stacked, chmod, utime, links, rename, umask.
use strict;
use warnings;

use File::Copy qw(copy move);
use File::Temp qw(tempdir);
use File::stat ();

my $dir = tempdir('tests-XXXXXX', DIR => '.', CLEANUP => 1);

sub spew {
    my ($name, @text) = @_;
    open my $out, '>', "$dir/$name" or die "$name: $!";
    print {$out} @text;
    close $out or die "$name: $!";
    return "$dir/$name";
}

my $plain = spew('plain', "text of $$ at ", time, "\n");
my $empty = spew('empty');
my $exe = spew('exe', "#!/bin/sh\nexit 0\n");
my $bin = spew('binary', pack 'C*', map { int rand 256 } 1 .. 300);
chmod 0755, $exe or die "chmod: $!";
symlink 'plain', "$dir/link" or die "symlink: $!";
symlink 'nowhere', "$dir/dangling" or die "symlink: $!";
link $plain, "$dir/hard" or die "link: $!";
mkdir "$dir/sub", 0700 or die "mkdir: $!";

sub tests {
    my ($path) = @_;
    my %is = (
        e => -e $path,
        f => -f $path,
        d => -d $path,
        l => -l $path,
        r => -r $path,
        w => -w $path,
        x => -x $path,
        o => -o $path,
        R => -R $path,
        W => -W $path,
        X => -X $path,
        O => -O $path,
        z => -z $path,
        p => -p $path,
        S => -S $path,
        b => -b $path,
        c => -c $path,
        u => -u $path,
        g => -g $path,
        k => -k $path,
        T => -T $path,
        B => -B $path,
    );
    return join '', grep { $is{$_} } keys %is;
}

for my $path (
    $plain, $empty, $exe, $bin, "$dir/link", "$dir/dangling",
    "$dir/sub", '/dev/null', '/', "$dir/none"
) {
    printf "%s: %s, size %s\n", $path, tests($path), (-s $path) // 'undef';
    my @stat = stat $path;
    print '  ', (@stat ? join ' ', @stat : "no stat: $!"), "\n";
    @stat = lstat $path;
    print '  ', (@stat ? join ' ', @stat : "no lstat: $!"), "\n";
}
printf "-M %.12f -A %.12f -C %.12f\n", -M $plain, -A $plain, -C $plain;
print "stacked\n" if -f -r -w $plain;
stat $plain;
print 'the stat cache: ', -s _, ' ', (-f _ ? 'file' : 'other'), "\n";
print 'terminal: ', (-t STDIN ? 1 : 0), (-t STDOUT ? 1 : 0), "\n";

my $stat = File::stat::stat($plain);
printf "File::stat: inode %d, mode %o, %d links, blocks %d of %d\n",
    $stat->ino, $stat->mode, $stat->nlink, $stat->blocks, $stat->blksize;
print 'same inode: ', ((stat "$dir/hard")[1] == $stat->ino ? 'yes' : 'no'), "\n";
print 'readlink: ', readlink "$dir/link", "\n";
print 'utime: ', utime(1_000_000_000, 1_100_000_000.5, $plain), ' ',
    join(' ', (stat $plain)[8, 9]), "\n";
printf "umask %o, was %o\n", umask, umask 077;
print 'rename: ', rename($empty, "$dir/renamed"), "\n";
print 'copy: ', copy($plain, "$dir/copy"), ', move: ', move("$dir/copy", "$dir/sub/moved"), "\n";
print 'unlink: ', unlink($exe, $bin, "$dir/none"), "\n";
print 'rmdir: ', (rmdir("$dir/sub") ? 'gone' : $!), "\n";
print 'chown: ', chown($<, -1, $plain), "\n";
print 'truncate: ', truncate($plain, 3), ' ', -s $plain, "\n";
