#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What a recorded command finds in its guest: itself, its files, its user, the time; nothing else.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";
use Crosscut::Test;
use File::Path qw(make_path);
use Sys::Hostname;
use Test::More;

my $work = scratch('work');
my $out = scratch('out');

sub record {
    my ($with, @arguments) = @_;
    return run(
        {dir => $work, timeout => 120, %{$with}}, command('cc-record'), '--force', '-o',
        "$out/run.vmlog", @arguments
    );
}

sub prints {
    my ($expected, $name, $with, @arguments) = @_;
    my $run = record($with, @arguments);
    my $ok =
        ref $expected
        ? like($run->{stdout}, $expected, $name)
        : is($run->{stdout}, $expected, $name);
    diag($run->{stderr}) if !$ok;
    return $run;
}

# ---- the command

spew("$work/here.sh", "#!/bin/sh\necho from \$0\n");
chmod 0755, "$work/here.sh";
mkdir "$work/sub";
prints(
    "from ./here.sh\n", 'a command by its path from the working directory', {}, '--',
    './here.sh'
);
prints("from ../here.sh\n", 'or from beside it', {dir => "$work/sub"}, '--', '../here.sh');
prints(
    "from ./here.sh\n", 'or by a PATH with a dot in it', {env => {PATH => ".:$ENV{PATH}"}},
    '--', 'here.sh'
);
unlink "$work/here.sh";
rmdir "$work/sub";

# ---- the machine

my $before = time;
my $run = record({}, '--', 'perl', '-e', 'print time');
cmp_ok($run->{stdout}, '>=', $before, 'the clock is right: not before the recording began');
cmp_ok($run->{stdout}, '<=', time, 'nor after it ended');
my @random = map {
    record(
        {}, '--', 'perl', '-e',
        'open F, "<", "/dev/urandom"; read F, $x, 16; print unpack("H*", $x), " ", rand'
    )->{stdout}
} 1 .. 2;
isnt($random[0], $random[1], 'random numbers differ from run to run');
prints(
    hostname(), 'the host name is the host\'s', {}, '--', 'perl', '-MSys::Hostname', '-e',
    'print hostname'
);
prints("lo\n", 'the only network is loopback', {}, '--', 'ls', '/sys/class/net');
prints(
    'ok', 'and it is up', {}, '--', 'perl', '-MIO::Socket::INET', '-e',
    '$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1"); $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $s->sockport); print $c ? "ok" : "no: $@"'
);

# ---- the user

my @me = getpwuid $>;
prints(
    sprintf('%d %d %s', $>, $) + 0, $me[0]), 'the ids and the name are the user\'s', {}, '--',
    'perl', '-e', 'print $>, " ", $) + 0, " ", scalar getpwuid $>'
);
prints("$work\n", 'the working directory has its own path', {}, '--', 'pwd');
prints(
    'de_DE.UTF-8|Asia/Tokyo|x', 'LANG, TZ and PERL* come along',
    {env => {LANG => 'de_DE.UTF-8', TZ => 'Asia/Tokyo', PERL_X => 'x'}},
    '--', 'perl', '-e', 'print join "|", @ENV{qw(LANG TZ PERL_X)}'
);
prints(
    'none', 'other variables do not', {env => {SECRET => 'x'}}, '--', 'perl', '-e',
    'print $ENV{SECRET} // "none"'
);
prints(
    'y z', 'those that --env names do, over what was there', {env => {LANG => 'C'}}, '--env',
    'SECRET=y', '--env', 'LANG=z', '--', 'perl', '-e', 'print "$ENV{SECRET} $ENV{LANG}"'
);

# ---- files

make_path("$work/sub dir");
spew("$work/sub dir/data", "content\n");
symlink 'sub dir/data', "$work/link";
chmod 0640, "$work/sub dir/data";
prints(
    "content\n640", 'the working directory is there: names, links, modes', {}, '--', 'perl',
    '-e', 'open F, "<", "link"; print <F>; printf "%o", (stat F)[2] & 07777'
);

my $elsewhere = scratch('elsewhere');
make_path("$elsewhere/bin", "$elsewhere/lib", "$elsewhere/other");
spew("$elsewhere/lib/Beside.pm", "package Beside; sub word { 'beside' } 1;\n");
spew("$elsewhere/other/Given.pm", "package Given; sub word { 'given' } 1;\n");
spew(
    "$elsewhere/bin/tool",
    "#!/usr/bin/env perl\nuse FindBin; use lib \"\$FindBin::RealBin/../lib\"; use Beside; print Beside::word(), ' ', \@ARGV ? <> : '';\n"
);
spew("$elsewhere/secret", "secret\n");
chmod 0755, "$elsewhere/bin/tool";
prints(
    'beside ', 'a script elsewhere brings its modules in ../lib', {}, '--',
    "$elsewhere/bin/tool"
);
prints(
    'beside ', 'also as an argument of its interpreter', {}, '--', 'perl',
    "$elsewhere/bin/tool"
);
prints(
    'beside ', 'also when PATH finds it', {env => {PATH => "$elsewhere/bin:$ENV{PATH}"}}, '--',
    'tool'
);
prints(
    "beside secret\n", 'a file named in an argument is there', {}, '--', "$elsewhere/bin/tool",
    "$elsewhere/secret"
);
prints(
    'given', 'so is a directory of -I', {}, '--', 'perl', "-I$elsewhere/other", '-MGiven', '-e',
    'print Given::word()'
);
prints(
    'given', 'and of -Mlib=', {}, '--', 'perl', "-Mlib=$elsewhere/other", '-MGiven', '-e',
    'print Given::word()'
);
prints(
    'given', 'and of PERL5LIB', {env => {PERL5LIB => "/nonexistent:$elsewhere/other"}}, '--',
    'perl', '-MGiven', '-e', 'print Given::word()'
);
my $hidden = "$elsewhere/" . 'secret';
prints(
    'gone', 'what nothing names is not there', {}, '--', 'perl', '-e',
    "print -e '$elsewhere' . '/' . 'secret' ? 'there' : 'gone'"
);
prints(
    'there', '--include takes it in', {}, '--include', $hidden, '--', 'perl', '-e',
    "print -e '$elsewhere' . '/' . 'secret' ? 'there' : 'gone'"
);
$run = record(
    {}, '--', 'perl', '-e',
    "open F, '<', '$elsewhere' . '/' . 'secret' or die '$elsewhere' . qq(/secret: \$!\n)"
);
isnt($run->{status}, 0, 'a run that misses it fails');
like(
    $run->{stderr},
    qr{^cc-record: \Q$hidden\E is on this machine, but was not in the guest; --include \Q$hidden\E}m,
    'and is told what to include'
);
$run = record({}, '--include', '/no/such/path', '--', 'true');
is($run->{status}, 125, '--include of what does not exist: 125');
like($run->{stderr}, qr{^cc-record: --include /no/such/path: No such file}m, 'and the reason');
$run = record({}, '--package', 'no-such-package', '--', 'true');
is($run->{status}, 125, '--package of one that is not installed: 125');
like($run->{stderr}, qr/no-such-package: not installed on this machine/, 'and the reason');
like(
    record({}, '--package', 'perl-bsae', '--', 'true')->{stderr},
    qr/not installed on this machine; did you mean perl-base\? /,
    'and a near name'
);

# ---- programs

SKIP: {
    skip 'ack is not installed', 1 if !-x '/usr/bin/ack';
    prints(
        "sub dir/data:1:content\n", 'a command brings its Debian package and what that needs',
        {}, '--', 'ack', '--nocolor', 'content'
    );
}
my ($python) = glob '/usr/bin/python3';
SKIP: {
    skip 'no python', 1 if !$python;
    prints(
        "2 ok\n", 'python runs too', {}, '--', 'python3', '-c',
        'import json, ssl, sqlite3; print(json.loads("[1, 2]")[1], "ok")'
    );
}
prints(
    "3\n", 'pipes of several programs', {}, '--', 'sh', '-c',
    'printf "c\na\nb\n" | sort | perl -ne "print" | awk "END { print NR }"'
);
prints(
    qr/^done\n\z/, 'what runs on when the command has ended is ended', {}, '--', 'sh', '-c',
    'sleep 100 & (trap "" TERM; sleep 100) & echo done'
);

done_testing;
