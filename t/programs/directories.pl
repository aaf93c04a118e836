#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Directories: opendir, readdir, telldir, seekdir, rewinddir, glob, chdir, File::Find, mkpath.
use strict;
use warnings;

use Cwd qw(abs_path cwd getcwd);
use File::Basename qw(basename dirname fileparse);
use File::Find qw(find finddepth);
use File::Glob qw(bsd_glob :globally);
use File::Path qw(make_path remove_tree);
use File::Spec;
use File::Temp qw(tempdir);

my $dir = tempdir('dirs-XXXXXX', DIR => '.', CLEANUP => 1);
make_path(map {"$dir/$_"} qw(one/two/three one/four five));
for my $name (qw(one/a.txt one/b.txt one/two/c.txt one/two/three/.hidden five/d.pl x y z)) {
    open my $out, '>', "$dir/$name" or die "$name: $!";
    print {$out} "$name $$\n";
    close $out or die "$name: $!";
}

# In the order in which the file system has them.
opendir my $handle, $dir or die "$dir: $!";
print 'readdir: ', join(' ', readdir $handle), "\n";
rewinddir $handle;
my $first = readdir $handle;
my $here = telldir $handle;
my $next = readdir $handle;
seekdir $handle, $here;
print "first $first at $here, next $next, again ", scalar readdir $handle, "\n";
my $count = 0;
$count++ while readdir $handle;
print "$count more\n";
closedir $handle or die "$dir: $!";
print 'opendir: ', (opendir($handle, "$dir/none") ? 'opened' : $!), "\n";

print 'glob: ', join(' ', glob "$dir/*"), "\n";
print 'braces: ', join(' ', <$dir/one/{a,b,c}.txt>), "\n";
print 'bsd_glob: ', join(' ', bsd_glob("$dir/o*/*/*")), "\n";
while (my $name = glob "$dir/[xyz]") {
    print "one by one: $name inode ", (stat $name)[1], "\n";
}

my (@found, @depth);
find(sub { push @found, $File::Find::name }, $dir);
finddepth({wanted => sub { push @depth, $_ }, no_chdir => 1}, "$dir/one");
print "find: @found\n", "finddepth: @depth\n";

my $start = cwd();
chdir "$dir/one/two" or die "chdir: $!";
print 'cwd: ', getcwd(), ' ', cwd(), "\n";
print 'abs_path: ', abs_path('../../five/d.pl'), "\n";
print 'relative: ', File::Spec->abs2rel($start), ' ', File::Spec->rel2abs('c.txt'), "\n";
chdir $start or die "chdir: $!";
print 'tmpdir: ', File::Spec->tmpdir, ', updir: ', File::Spec->updir, "\n";
print join(' ', fileparse("$start/x.tar.gz", qr/\.[^.]*/)), ' ', basename($0), ' ', dirname($0),
    "\n";

print 'mkdir: ', (mkdir("$dir/one") ? 'made' : $!), ', rmdir: ',
    (rmdir("$dir/one") ? 'removed' : $!), "\n";
print 'remove_tree: ', remove_tree("$dir/one"), ' left: ', join(' ', glob "$dir/*"), "\n";
