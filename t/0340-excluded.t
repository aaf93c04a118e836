#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes along into a recording: what may be private is told, and can be left out.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my %files = (
    '.env' => "TOKEN=1\n",
    '.git/config' => "[core]\n",
    '.git/HEAD' => "ref\n",
    'conf/server.key' => "key\n",
    'conf/bundle.pem' => "-----BEGIN CERTIFICATE-----\n",
    'conf/own.pem' => "-----BEGIN PRIVATE KEY-----\n",
    'deep/down/id_rsa' => "key\n",
    'deep/down/notes.txt' => "notes\n",
    'home/.aws/credentials' => "key\n",
    'keep.txt' => "kept\n",
    'logs/today.log' => "log\n",
);

# The files that the guest has in the working directory, and what cc-record says.
sub recorded {
    my ($options, %more) = @_;
    my $run = vm_record(
        'excluded', ['find', '.', '-type', 'f', '-printf', "%P\n"],
        options => $options,
        files => {%files, %more});
    return ($run, sort split /\n/, $run->{stdout});
}

my ($run, @there) = recorded([]);
is_deeply(\@there, [sort keys %files], 'all that is in the working directory goes along');
is(
    $run->{stderr},
    'cc-record: the recording takes along .env, .git, conf/own.pem, conf/server.key and 2 more: '
        . 'whoever gets it gets these; --exclude GLOB or a line in .crosscutignore leaves them '
        . "out\n",
    'one line says what of it may be private'
);

my @out = qw(.env .git *.key own.pem id_rsa .aws/);
($run, @there) = recorded([map { ('--exclude', $_) } @out]);
is_deeply(
    \@there, [qw(conf/bundle.pem deep/down/notes.txt keep.txt logs/today.log)],
    '--exclude: files and directories of these names, at any depth, stay out'
);
is($run->{stderr}, '', '... and nothing is told of them');

($run, @there) = recorded(
    [], '.crosscutignore' => <<'END'
# what is nobody's business
.env
.git/
/conf/*
!own.pem
**/down/id_*
home/**

keep.txt/
nothing.at.all
END
);
is_deeply(
    \@there, [qw(.crosscutignore conf/own.pem deep/down/notes.txt keep.txt logs/today.log)],
    '.crosscutignore: as in .gitignore'
);
like(
    $run->{stderr}, qr/\Acc-record: the recording takes along conf\/own\.pem: [^\n]*\n\z/,
    '... and what it keeps is told'
);

# Not elsewhere, and not by other ways.
my $other = scratch('other');
spew("$other/secret.key", "key\n");
spew("$other/open.txt", "open\n");
my $link = sub { symlink '../work/.env', "$_[0]/env"; return };
my $elsewhere = vm_record(
    'elsewhere', ['sh', '-c', "ls $other; cat env; perl -e 'print -e q(.env) ? 1 : 0'"],
    options =>
        ['--include', $other, '--exclude', '*.key', '--exclude', '.env', '--exclude', 'perl'],
    files => {'.env' => "TOKEN=1\n"},
    prepare => $link
);
is(
    $elsewhere->{stdout}, "open.txt\n0",
    'in directories that --include names, by links; packages are whole'
);
like(
    $elsewhere->{stderr},
    qr/^cc-record: --exclude perl: nothing that would go into the guest is called so$/m,
    'a glob that leaves nothing out is told'
);

my $refused =
    run({timeout => 120}, command('cc-record'), '-o', scratch('r') . '/run.vmlog', '--exclude');
is($refused->{status}, 125, '--exclude wants a glob');

done_testing;
