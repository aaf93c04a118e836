#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# XS modules: POSIX, List::Util, Scalar::Util, Storable, Digest::*, MIME::Base64, Encode,
# Data::Dumper, Compress::Zlib, Math::BigInt, B, SDBM_File, DB_File, Time::Piece, Unicode::Normalize,
# IO::*, IPC::SysV.
use strict;
use warnings;

use B ();
use Compress::Zlib qw(compress crc32 memGunzip memGzip uncompress);
use Data::Dumper;
use DB_File ();
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(hmac_sha256_hex sha1_hex sha256_hex sha512_base64);
use Fcntl;
use File::Temp qw(tempdir);
use I18N::Langinfo qw(CODESET langinfo);
use IO::File;
use IO::Handle;
use List::Util qw(first max maxstr min pairs reduce shuffle sum sum0 uniq);
use Math::BigInt;
use MIME::Base64;
use POSIX qw(ceil floor fmod strtol);
use Scalar::Util qw(dualvar looks_like_number readonly refaddr reftype weaken);
use SDBM_File;
use Storable qw(dclone freeze nstore retrieve store thaw);
use Sys::Hostname;
use Time::Piece;
use Unicode::Normalize qw(NFD);

my $dir = tempdir('xs-XXXXXX', DIR => '.', CLEANUP => 1);
local $Data::Dumper::Indent = 1;

print 'POSIX: ',
    join(' ', floor(-1.5), ceil(1.2), fmod(7, 3), (strtol('0x1f', 16))[0], POSIX::getpid()), "\n";
print 'POSIX: ', POSIX::strftime('%Y %j', gmtime), ' ', POSIX::ctime(time),
    POSIX::ttyname(0) // 'no tty', "\n";
my $fd = POSIX::open("$dir/posix", O_WRONLY | O_CREAT, 0644) // die "POSIX::open: $!";
print 'POSIX::write: ', POSIX::write($fd, "by $$\n", 5), ', dup: ', POSIX::dup($fd), "\n";
POSIX::close($fd);
my ($read, $write) = POSIX::pipe();
POSIX::write($write, 'through', 7);
POSIX::read($read, my $through, 20);
print "POSIX::pipe $read $write: $through\n";
print 'access: ', (POSIX::access("$dir/posix", POSIX::R_OK()) ? 1 : 0), ", nice: ",
    POSIX::nice(0) // $!, "\n";

my @numbers = map { int rand 100 } 1 .. 12;
print 'List::Util: ',
    join(' ',
    sum(@numbers), min(@numbers), max(@numbers), maxstr(@numbers),
    (reduce { $a ^ $b } @numbers),
    (first { $_ > 50 } @numbers) // 'none',
    scalar uniq(@numbers)),
    "\n";
print 'shuffled: ', join(' ', shuffle @numbers), ', pairs: ', scalar(pairs(@numbers)), "\n";
my $dual = dualvar($$, 'pid');
print 'Scalar::Util: ',
    join(' ',
    "$dual", 0 + $dual,
    reftype(bless [], 'X'),
    looks_like_number('1e3') ? 1 : 0,
    readonly($dual) ? 1 : 0),
    sprintf(' %x', refaddr(\@numbers)), "\n";

my $data = {pid => $$, time => time, list => \@numbers, deep => {map { $_ => [$_] } 'a' .. 'f'}};
store($data, "$dir/stored") or die 'store';
nstore($data, "$dir/nstored") or die 'nstore';
print 'Storable: ', -s "$dir/stored", ' ', -s "$dir/nstored", ' ', length(freeze($data)), "\n";
print Dumper(retrieve("$dir/stored"), thaw(freeze($data))->{deep}, dclone($data->{list}));

my $text = join ',', %{$data->{deep}}, time, $$;
print "md5 ", md5_hex($text), "\nsha1 ", sha1_hex($text), "\nsha256 ", sha256_hex($text), "\nhmac ",
    hmac_sha256_hex($text, $$), "\n", sha512_base64($text), "\n", encode_base64($text);
open my $stored, '<:raw', "$dir/stored" or die "stored: $!";
print 'digest of a file: ', Digest::SHA->new(256)->addfile($stored)->hexdigest, "\n";
close $stored or die "stored: $!";
printf "zlib: %d %08x %s\n", length compress($text), crc32($text),
    uncompress(compress($text)) eq $text ? 'same' : 'other';
print 'gzip: ', length memGunzip(memGzip($text x 50)), "\n";
print 'BigInt: ', Math::BigInt->new($$)->bpow(20), "\n";

tie my %db, 'SDBM_File', "$dir/sdbm", O_RDWR | O_CREAT, 0644 or die "SDBM_File: $!";
$db{"key $_"} = "$_ of $$" for 1 .. 20;
print 'sdbm: ', join(' ', keys %db), "\n";
untie %db;
# A number in its files comes from the address of a local variable.
tie my %tree, 'DB_File', "$dir/tree", O_RDWR | O_CREAT, 0644, $DB_File::DB_BTREE or die "DB_File: $!";
$tree{$_} = length for qw(cherry apple banana);
print join(' ', map {"$_=$tree{$_}"} keys %tree), "\n";
untie %tree;
print 'files: ', join(' ', map { s/.*\///r . ':' . -s } glob "$dir/*"), "\n";

my $now = localtime;
print 'Time::Piece: ', $now->ymd, ' ', $now->hms, ' ', $now->epoch, ' ', ($now + 86400)->day, "\n";
print 'B: ', B::svref_2object(\&B::svref_2object)->GV->NAME, ' ', B::perlstring("a\n$$"), "\n";
print 'NFD: ', join(' ', map { sprintf '%x', ord } split //, NFD("\x{17c}")), ', ',
    langinfo(CODESET), ', ', hostname, "\n";
my $weak = my $strong = {};
weaken $weak;
undef $strong;
print 'weak: ', (defined $weak ? 'kept' : 'gone'), "\n";
my $handle = IO::Handle->new_from_fd(fileno STDOUT, 'w');
$handle->printf("IO::Handle on %d, blocking %d\n", $handle->fileno, $handle->blocking);
$handle->flush;
