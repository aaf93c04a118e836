#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Files: every mode of open, dup, in-memory files, seek and tell, truncate, $., eof.
use strict;
use warnings;

use Fcntl qw(:DEFAULT :flock :seek);
use File::Temp qw(tempdir);
use IO::File;

my $dir = tempdir('files-XXXXXX', DIR => '.', CLEANUP => 1);
my $file = "$dir/lines";
print "in $dir\n";

# Written, appended to, read back by line, paragraph, record and as a whole.
open my $out, '>', $file or die "$file: $!";
printf {$out} "%d %s %.9f\n", $_, $$, rand for 1 .. 40;
print {$out} "\n\nlast paragraph of $$\nno newline at the end";
close $out or die "$file: $!";
open $out, '>>', $file or die "$file: $!";
print {$out} " but this, at ", time, "\n";
close $out or die "$file: $!";
printf "%s holds %d bytes\n", $file, -s $file;

open my $in, '<', $file or die "$file: $!";
while (my $line = <$in>) {
    print "$.: $line" if $. % 7 == 0 || eof $in;
}
seek $in, 0, SEEK_SET or die "seek: $!";
{
    local $/ = '';
    my @paragraphs = <$in>;
    print scalar @paragraphs, ' paragraphs, the last is ', length $paragraphs[-1],
        " long, line $.\n";
}
seek $in, 10, SEEK_SET or die "seek: $!";
{
    local $/ = \64;
    my $record = <$in>;
    print 'a record of ', length $record, ' ends at ', tell $in, ": $record\n";
}
read $in, my $piece, 20, 5;
print 'read at an offset: ', join(' ', map {ord} split //, $piece), "\n";
print 'getc: ', ord getc $in, "\n";
print 'at the end: ', (eof($in) ? 1 : 0), ', ', tell $in, "\n";
close $in or die "$file: $!";

# Read and write through one handle; truncate; sysopen, sysseek, sysread, syswrite.
open my $both, '+<', $file or die "$file: $!";
seek $both, -12, SEEK_END or die "seek: $!";
my $tail = <$both>;
print "tail: $tail";
seek $both, 0, SEEK_SET or die "seek: $!";
print {$both} 'OVERWRITTEN';
truncate $both, 100 or die "truncate: $!";
seek $both, 0, SEEK_CUR or die "seek: $!";
print 'after truncate: ', scalar(my @rest = <$both>), ' lines, ', -s $both, " bytes\n";
close $both or die "$file: $!";

sysopen my $raw, "$dir/raw", O_RDWR | O_CREAT | O_EXCL, 0640 or die "$dir/raw: $!";
my $bytes;
print 'syswrite: ', syswrite($raw, "raw $$ " . time, 9, 2), "\n";
print 'sysseek: ', sysseek($raw, 3, SEEK_SET), "\n";
print 'sysread: ', sysread($raw, $bytes, 100), " <$bytes>\n";
print 'sysread at the end: ', sysread($raw, $bytes, 100), "\n";
print 'flock: ', flock($raw, LOCK_EX | LOCK_NB), "\n";
print 'F_GETFD: ', fcntl($raw, F_GETFD, 0), "\n";
print 'O_EXCL twice: ', (sysopen(my $again, "$dir/raw", O_RDWR | O_CREAT | O_EXCL) ? 'made' : $!),
    "\n";
close $raw or die "raw: $!";

# Descriptors: dup, fdopen, aliases, standard output sent elsewhere and back.
open my $dup, '>&', \*STDOUT or die "dup: $!";
print 'dup is ', fileno $dup, "\n";
$dup->autoflush(1);
print {$dup} "through the dup, perhaps before its time\n";
open my $alias, '>&=', fileno STDOUT or die "fdopen: $!";
print 'alias is ', fileno $alias, "\n";
open my $saved, '>&', \*STDOUT or die "dup: $!";
open STDOUT, '>', "$dir/captured" or die "captured: $!";
print "captured by $$\n";
open STDOUT, '>&', $saved or die "restore: $!";
open my $captured, '<', "$dir/captured" or die "captured: $!";
print 'got back: ', <$captured>;
close $captured or die "captured: $!";

# In memory, temporary and anonymous files; a two-argument open; IO::File.
my $memory = '';
open my $to_memory, '>', \$memory or die "memory: $!";
print {$to_memory} "line $_ of $$\n" for 1 .. 3;
close $to_memory or die "memory: $!";
open my $from_memory, '<', \$memory or die "memory: $!";
print "memory $.: $_" while <$from_memory>;
open my $temporary, '+>', undef or die "temporary: $!";
print {$temporary} 'temporary ', time, "\n";
seek $temporary, 0, SEEK_SET;
print 'anonymous: ', <$temporary>;
my $object = IO::File->new($file, 'r') or die "$file: $!";
print 'IO::File: ', length $object->getline, ' at ', $object->tell, ', opened ', $object->opened,
    "\n";
$object->ungetc(65);
print 'ungetc: ', $object->getc, "\n";
$object->close or die "$file: $!";
my ($tmp, $name) = File::Temp::tempfile(DIR => $dir);
print "tempfile $name is ", (-e $name ? 'there' : 'gone'), "\n";
close $tmp or die "$name: $!";
print {*STDERR} "$0 is done, pid $$\n";
