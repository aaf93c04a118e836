#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Command lines that are nearly right: each command says what was meant, what a file is, and how it is
# asked; bash completes the rest.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use Test::More;

my $root = "$FindBin::Bin/..";
my $dir = scratch('lines');
my @commands = qw(cc-record cc-slice cc-log cc-perl-replay cc-python-replay);

my ($tool, @words);

# What a command says: its status, stdout and stderr.
sub says {
    my ($line) = @_;
    ($tool, @words) = split / /, $line;
    my $run = run({dir => $dir, timeout => 60}, command($tool), @words);
    return ($run->{status}, $run->{stdout}, $run->{stderr});
}

subtest 'near names' => sub {
    my @rows = (
        ['cc-slice --pdi 3 x', '--pdi: there is no such option; did you mean --pid?'],
        ['cc-slice --oputput=x x', '--oputput: there is no such option; did you mean --output?'],
        ['cc-slice -x x', '-x: there is no such option:'],
        ['cc-record --timeot 3 -- x', '--timeot: there is no such option; did you mean --timeout?'],
        ['cc-record --froce -- x', '--froce: there is no such option; did you mean --force?'],
        ['cc-log dmup x', 'dmup: there is no such command; did you mean dump?'],
        ['cc-log help dmup', 'dmup: there is no such command; did you mean dump?'],
        ['cc-log --hepl', '--hepl: there is no such option; did you mean --help?'],
        ['cc-log frobnicate x', 'frobnicate: there is no such command:'],
        ['cc-perl-replay --hok x', '--hok: there is no such option; did you mean --hook?'],
        [
            'cc-python-replay --porfile x',
            '--porfile: there is no such option; did you mean --profile?'
        ],
    );
    for my $row (@rows) {
        my ($line, $message) = @{$row};
        my ($status, $out, $error) = says($line);
        my ($name) = $line =~ /\A(\S+)/;
        is($error, "$name: $message `$name --help` lists them\n", $line);
        is("$status$out", 125, '… status 125, and nothing else');
    }
    my ($status, undef, $error) = says('cc-log dump --lmit 3 x');
    is(
        $error,
        "cc-log dump: --lmit: there is no such option; did you mean --limit? `cc-log dump --help` lists them\n",
        'an option of a subcommand'
    );
    for my $name (qw(perl python)) {
        ($status, undef, $error) = says("cc-$name-replay --hook covrage x");
        is(
            $error, "cc-$name-replay: --hook covrage: no such hook; did you mean coverage?\n",
            "a hook of $name"
        );
        is($status, 125, '… status 125');
    }
    my $perl = run({dir => $dir}, command('cc-record'), '--', './none', '--pdi');
    unlike($perl->{stderr}, qr/option/, 'options of the recorded command are its own');
};

subtest 'each command of cc-log has its help' => sub {
    my (undef, $all) = says('cc-log --help');
    my @names = $all =~ /^  (\w+) /mg;
    is_deeply(\@names, [qw(info stat verify dump pack)], 'they are listed');
    for my $name (@names) {
        my ($status, $help) = says("cc-log $name --help");
        is($status, 0, "cc-log $name --help");
        like($help, qr/^cc-log $name: /m, '… says what it does');
        is((says("cc-log help $name"))[1], $help, "… as cc-log help $name");
    }
};

# Files of all kinds: what each is, and what is said to those who take it for another.
subtest 'what a file is' => sub {
    my $machine = vm_record('kinds', ['true']);
    succeeds($machine, 'a recording') or return;
    my %slice;
    for (['perl', 'plog', 'pl'], ['python', 'pylog', 'py']) {
        my ($language, $kind, $suffix) = @{$_};
        my $run;
        ($run, $slice{$kind}) =
            live_record('small', [], language => $language, source => "print(1)\n");
        succeeds($run, "a slice of $language") or return;
        copy($slice{$kind}, "$dir/x.$kind") or die "x.$kind: $!";
    }
    copy($machine->{log}, "$dir/x.vmlog") or die "x.vmlog: $!";
    copy('/bin/true', "$dir/program") or die "program: $!";
    my $bytes = slurp("$dir/x.vmlog");
    spew("$dir/short.vmlog", substr $bytes, 0, 300);
    spew("$dir/cut.vmlog", substr $bytes, 0, length($bytes) / 2);
    spew("$dir/cut.plog", substr slurp("$dir/x.plog"), 0, 300);
    spew("$dir/script.pl", "#!/usr/bin/perl\nprint 1;\n");
    spew("$dir/x.json", qq({"a": 1}\n));
    spew("$dir/x.txt", "hello\n");
    spew("$dir/empty", '');
    spew("$dir/x.gz", "\037\213\10\0more");
    mkdir "$dir/folder";

    my %opens = (
        'x.vmlog' => 'a recorded machine, WANTED: `cc-slice x.vmlog` makes a slice of it',
        'x.plog' =>
            'a slice of a perl run, WANTED: `cc-perl-replay x.plog` replays it, `cc-log dump x.plog` prints it',
        'x.pylog' =>
            'a slice of a python run, WANTED: `cc-python-replay x.pylog` replays it, `cc-log dump x.pylog` prints it',
        'program' => 'an ELF file (a program or a library), WANTED: FROM',
        'script.pl' => 'a script, WANTED: FROM',
        'x.json' => 'JSON, WANTED: FROM',
        'x.txt' => 'text, WANTED: FROM',
        'x.gz' => 'compressed, WANTED: FROM',
        'folder' => 'a directory, WANTED: name a file in it',
    );
    my @takers = (
        ['cc-slice --list', 'recording', 'cc-record makes one', 'x.vmlog'],
        ['cc-perl-replay', 'slice', 'cc-slice makes one of a recording', 'x.plog', 'x.pylog'],
        ['cc-python-replay', 'slice', 'cc-slice makes one of a recording', 'x.plog', 'x.pylog'],
        ['cc-log info', 'log', 'name a slice or a recording', 'x.vmlog', 'x.plog', 'x.pylog'],
        ['cc-log dump', 'log', 'name a slice or a recording', 'x.vmlog', 'x.plog', 'x.pylog'],
    );
    for (@takers) {
        my ($taker, $wanted, $from, @takes) = @{$_};
        my ($name) = $taker =~ /\A(\S+)/;
        for my $file (sort keys %opens) {
            next if grep { $_ eq $file } @takes;
            my $message = $opens{$file} =~ s/WANTED/and no $wanted/r =~ s/FROM/$from/r;
            my ($status, undef, $error) = says("$taker $file");
            is($error, "$name: $file: is $message\n", "$taker $file");
            is($status, 125, '… status 125');
        }
    }
    my %others = (
        'cc-perl-replay x.pylog' =>
            'is a slice of a python run: `cc-python-replay x.pylog` replays it, `cc-log dump x.pylog` prints it',
        'cc-python-replay x.plog' =>
            'is a slice of a perl run: `cc-perl-replay x.plog` replays it, `cc-log dump x.plog` prints it',
        'cc-log dump x.vmlog' =>
            'is a recorded machine, which `cc-log dump` does not take: make a slice of it with cc-slice first',
        'cc-slice empty' => 'is an empty file, and no recording: cc-record makes one',
        'cc-perl-replay empty' => 'the file is empty: nothing can be read from it, make it again',
        'cc-slice short.vmlog' => 'cut short; record it again',
        'cc-slice cut.vmlog' => 'cut short; record it again',
        'cc-perl-replay cut.plog' =>
            'the log was cut before the end of its manifest: nothing can be read from it, make it again',
        'cc-perl-replay --hook x.json x.plog' =>
            q{is JSON, and no hook: name a library (.so) or a file in the program's language},
        'cc-python-replay --hook x.vmlog x.pylog' =>
            'is a recorded machine, and no hook: `cc-slice x.vmlog` makes a slice of it',
        'cc-perl-replay --hook folder/ x.plog' => 'is a directory, and no hook: name a file in it',
    );
    for my $line (sort keys %others) {
        my ($status, undef, $error) = says($line);
        like($error, qr/\Acc-[\w-]+: [^\n]*\Q$others{$line}\E\n\z/, $line);
        is($status, 125, '… status 125');
    }
    says('cc-slice x.txt -o new/');
    ok(!-e "$dir/new", 'cc-slice -o DIR/ leaves no directory that has nothing in it');
};

# What bash offers when tab is pressed behind a line, as far as its function alone decides.
sub completed {
    my ($line, %with) = @_;
    my @line = split /[ ]|(?==)|(?<==)/, $line, -1;
    local $ENV{PATH} = build() . '/bin:/usr/bin:/bin';
    my $run = run(
        {dir => $with{dir} // $dir}, 'bash', '-c',
        '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _crosscut; printf "%s\n" "${COMPREPLY[@]}" | sort -u',
        $with{file} // "$root/contrib/completion/crosscut.bash", @line
    );
    diag($run->{stderr}) if $run->{stderr};
    return join ' ', split /\n/, $run->{stdout};
}

subtest 'completion' => sub {
    my $here = scratch('completion');
    spew("$here/$_", '') for qw(run.vmlog a.plog b.pylog notes.txt);
    mkdir "$here/slices";
    my %rows = (
        'cc-slice --p' => '--pid',
        'cc-slice --m' => '--match',
        'cc-slice ' => 'run.vmlog slices',
        'cc-slice run.vmlog -o ' => 'a.plog b.pylog notes.txt run.vmlog slices',
        'cc-slice run.vmlog --output=sl' => 'slices',
        'cc-slice run.vmlog --pid ' => '',
        'cc-log d' => 'dump',
        'cc-log help p' => 'pack',
        'cc-log dump --l' => '--limit',
        'cc-log verify --q' => '--quiet',
        'cc-log dump a' => 'a.plog',
        'cc-perl-replay ' => 'a.plog slices',
        'cc-python-replay ' => 'b.pylog slices',
        'cc-python-replay --pr' => '--print --print-if --print-to --profile',
        'cc-perl-replay --hook cov' => 'coverage',
        'cc-perl-replay --hook=call' => 'callprofile calltrace',
        'cc-perl-replay --hook-output ' => 'a.plog b.pylog notes.txt run.vmlog slices',
        'cc-record --pull ' => 'slices',
        'cc-record --fo' => '--force',
        'cc-record --include no' => 'notes.txt',
        'cc-record -o x -- perl no' => 'notes.txt',
        'cc-record --env=A=1 --timeout 5 perl no' => 'notes.txt',
        'cc-record -- setpr' => 'setpriv',
    );
    is(completed($_, dir => $here), $rows{$_}, "'$_'") for sort keys %rows;
    for my $command (@commands) {
        my $help = run({}, command($command), $command eq 'cc-log' ? ('dump', '--help') : '--help')
            ->{stdout};
        my @long = sort $help =~ /^ +(?:-\S, )?(--[\w-]+)/mg;
        my %offered = map { $_ => 1 } split / /,
            completed(($command eq 'cc-log' ? 'cc-log dump' : $command) . ' --', dir => $here);
        is_deeply([grep { !$offered{$_} } @long], [], "$command: all options that --help has");
    }
};

subtest 'installed' => sub {
    my $to = scratch('installed');
    my @make = ('make', '-s', "PREFIX=$to/usr", 'O=' . build());
    succeeds(run({dir => $root, timeout => 300}, @make, 'install'), 'make install');
    for my $command (@commands) {
        my $file = "$to/usr/share/bash-completion/completions/$command";
        like(
            completed("$command --vers", file => $file), qr/\A(?:--version)?\z/,
            "$command: completed"
        );
        ok(-s $file, '… by a file of its name');
    }
    my @pages = map {s{.*/}{}r} glob "$root/doc/*.md";
    is_deeply(
        [grep { !-s "$to/usr/share/doc/crosscut/$_" } @pages],
        [], 'all pages of doc are there'
    );
    succeeds(run({dir => $root}, @make, 'uninstall'), 'make uninstall');
    is(join(' ', glob "$to/usr/share/*/completions/* $to/usr/share/doc/*"), '', 'nothing is left');
};

done_testing;
