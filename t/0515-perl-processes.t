#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Which processes of a run a user can slice and replay, and how they say which one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP qw(decode_json);
use Test::More;

my %sources = (
    'generate.pl' => "print \"\$\$ \$_ \", rand, \"\\n\" for 1 .. 20;\n",
    'filter.pl' => <<'END',
while (<STDIN>) { print if /[05]\d* 0/ }
print "filtered by $$\n";
exit 2;
END
    'count.pl' => <<'END',
my %seen;
$seen{substr $_, -5, 3}++ while <STDIN>;
print join(' ', %seen, $$), "\n";
warn "counted\n";
END
);

subtest 'each part of a pipeline' => sub {
    my $run = vm_record(
        'pipeline',
        ['sh', '-c', 'perl generate.pl | perl filter.pl | perl count.pl'],
        files => \%sources
    );
    succeeds($run, 'it runs in the machine') or return;
    my @processes = vm_slices($run->{log});
    my %by = map { ($_->{argv}[1] => $_) } grep { !$_->{forked} && $_->{runtime} } @processes;
    is_deeply([sort keys %by], [qw(count.pl filter.pl generate.pl)], 'each perl has a slice');
    same(
        replay($by{'count.pl'}{slice}),
        $run, 'the last: its replay prints what the pipeline printed'
    );
    my $filter = replay($by{'filter.pl'}{slice});
    is(
        "$filter->{status}$filter->{stdout}$filter->{stderr}",
        "2cc-perl-replay: in the run, the standard output went into a pipe: --show-output shows it\n",
        'the middle: ends with its status; what went into the pipe is not printed'
    );
    is(replay($by{'generate.pl'}{slice})->{status}, 0, 'the first: is replayed');

    my $slice = sub {
        my (@options) = @_;
        my $file = scratch('choice') . '/slice.plog';
        my $made = run({timeout => 120}, command('cc-slice'), $run->{log}, @options, '-o', $file);
        return ($made, -s $file ? replay($file) : undef);
    };
    for my $choice (['--exe', 'count.pl'], ['--match', 'count'], ['--pid', $by{'count.pl'}{pid}]) {
        my ($made, $replayed) = $slice->(@{$choice});
        succeeds($made, "@{$choice}: chooses a process");
        is($replayed->{stdout}, $run->{stdout}, '... that one');
    }
    for my $choice ([], ['--exe', 'perl'], ['--match', '.pl'], ['--pid', 1], ['--exe', 'nothing']) {
        my ($made, $replayed) = $slice->(@{$choice});
        is($made->{status}, 125, "'@{$choice}' chooses no single process: status 125");
        like($made->{stderr}, qr/^cc-slice: ./m, '... and says why');
        ok(!$replayed, '... nothing is written');
    }
    my ($made) = $slice->();
    like($made->{stderr}, qr/$_\b/, "without a choice, process $_ is listed")
        for map { $_->{pid} } values %by;

    my $list = run({timeout => 120}, command('cc-slice'), '--list', $run->{log});
    like($list->{stdout}, qr/^ *$by{$_}{pid} .*perl $_$/m, "--list shows $_") for sort keys %by;
};

# The slices that one way of asking tells of: "pid program", sorted.
sub listed {
    my ($log, @options) = @_;
    my $list = run({timeout => 120}, command('cc-slice'), '--list', @options, $log)->{stdout};
    my @slices = map {"$_->[0] $_->[1]"}
        grep { $_->[1] ne '-' }
        map { [(split)[0, 2]] } (split /\n/, $list)[1 .. ($list =~ tr/\n//) - 1];
    @slices = sort @slices;
    return @slices;
}

sub made {
    my ($log, @options) = @_;
    my $dir = scratch('made');
    my $made = run({timeout => 120}, command('cc-slice'), $log, '-o', "$dir/", @options);
    my %runtime = (plog => 'perl', pylog => 'python');
    my @slices = sort map { m{/(\d+)[^/]*[.](\w+)\z}; "$1 $runtime{$2}" } split /\n/,
        $made->{stdout};
    return @slices;
}

subtest 'every way of asking knows the same slices' => sub {
    my $forks = <<'END';
for my $n (1 .. 2) { fork or do { -e "/" for 1 .. 50; exit $n } }
wait, wait;
system 'python3', '-c', 'import os; os._exit(0) if os.fork() else print(1)';
exec 'uname';
END
    my $run = vm_record(
        'ways',
        ['sh', '-c', 'perl forks.pl; perl -e 1; true'],
        files => {'forks.pl' => $forks});
    succeeds($run, 'it runs in the machine') or return;
    my @all = listed($run->{log});
    is(scalar @all, 7, 'forked copies, and programs that were replaced, are interpreters, too');
    is_deeply([made($run->{log})], \@all, 'as many slices come out');
    my $several = run({timeout => 120}, command('cc-slice'), $run->{log});
    like($several->{stderr}, qr/^cc-slice: 7 interpreters fit: /m, 'and as many fit');
    for my $choice (['--exe', 'forks.pl'], ['--match', 'os.fork'], ['--exe', 'perl']) {
        my @some = listed($run->{log}, @{$choice});
        ok(@some && @some < 7, "@{$choice}: a part of them");
        is_deeply([made($run->{log}, @{$choice})], \@some, '… and it is that part that is sliced');
    }
    my $list = run({timeout => 120}, command('cc-slice'), '--list', $run->{log})->{stdout};
    my ($pid) = $list =~ /^ *(\d+) .* perl forks.pl$/m;
    like(
        $list, qr/^ *$pid +\d+ +perl +exec +\d\.\d{3} +\d+\.\d{3} +\d+ +\d{4,} +perl forks.pl$/m,
        'start, end, host calls and bytes stand beside a program, which another one replaced'
    );
    like($list, qr/^ *$pid +\d+ +- +0 +\d+\.\d{3} +\d+\.\d{3} +- +- +uname$/m, 'that one, too');
    my $json = run({timeout => 120}, command('cc-slice'), '--list', '--json', $run->{log});
    my ($process) = grep { $_->{pid} == $pid } @{decode_json($json->{stdout})};
    my ($slice) = @{$process->{slices}};
    cmp_ok($slice->{start}, '<', $slice->{end}, 'also for machines: start and end');
    my $file = scratch('pid') . '/slice.plog';
    succeeds(
        run({timeout => 120}, command('cc-slice'), $run->{log}, '--pid', $pid, '-o', $file),
        'the process is sliced'
    );
    cmp_ok(
        abs($slice->{bytes} - -s $file),
        '<', 1000, 'bytes are those of the slice, but for what it says of how it was made'
    );
    like(
        run({}, command('cc-log'), 'info', $file)->{stdout}, qr/^summary.calls +$slice->{calls}$/m,
        'host calls, too'
    );
    my ($copy) = grep { $_->{forked} } @{decode_json($json->{stdout})};
    is($copy->{slices}[0]{runtime}, 'perl', 'a forked copy is one of an interpreter');
};

subtest 'a slice that nobody names' => sub {
    my $run = vm_record('unnamed', ['perl', 'count.pl'], files => \%sources);
    my $dir = scratch('unnamed');
    my @command = (command('cc-slice'), $run->{log});
    for my $name (qw(-count.pl.plog -count.pl-2.plog)) {
        my $made = run({dir => $dir, timeout => 120}, @command);
        like($made->{stdout}, qr/\A\d+$name\n\z/, 'gets a name, which is printed');
        chomp(my $file = $made->{stdout});
        is(replay("$dir/$file")->{stdout}, $run->{stdout}, '… and is the slice');
    }
    is(scalar(() = glob "$dir/*"), 2, 'what has the name stays');
    my $near = run({timeout => 120}, @command, '--exe', 'cuont.pl');
    like($near->{stderr}, qr/; did you mean count\.pl\?$/m, '--exe: a near name is told');
};

subtest 'programs that replace each other' => sub {
    my $run = vm_record('exec', [qw(perl exec.pl)], programs => ['exec']);
    is($run->{status}, 6, 'it runs in the machine');
    my @processes = vm_slices($run->{log});
    my @slices = map { @{$_->{slices}} } @processes;
    is(scalar @slices, 2, 'each of the two perls of one process has its slice');
    my @replays = map { replay($_) } @slices;
    is(
        join('', map { $_->{stdout} } @replays),
        $run->{stdout} =~ s/^after exec.*\n//mr,
        'one after the other they print what was printed'
    );
    is($_->{status}, 0, 'each ends where it was replaced') for @replays;
};

subtest 'a daemon' => sub {
    my $daemon = <<'END';
use POSIX qw(setsid);
use Time::HiRes qw(sleep);
print "starting from $$\n";
my $pid = fork // die; exit 0 if $pid;
setsid();
$pid = fork // die; exit 0 if $pid;
open STDIN, '<', '/dev/null';
open my $log, '>', 'daemon.log' or die;
select((select($log), $| = 1)[0]);
local $SIG{TERM} = sub { print {$log} "stopped\n"; print "child $$ stopped after $_[0]\n"; exit 3 };
print {$log} "$$\n";
while (1) { sleep 0.005; print {$log} time, "\n" }
END
    my $script = <<'END';
perl daemon.pl
while ! test -s daemon.log; do sleep 0.05; done
sleep 0.1
kill $(head -1 daemon.log)
while ! grep -q stopped daemon.log; do sleep 0.05; done
sleep 0.1
echo over
END
    my $run = vm_record('daemon', ['sh', '-c', $script], files => {'daemon.pl' => $daemon});
    succeeds($run, 'it runs in the machine') or return;
    my @processes = vm_slices($run->{log});
    my ($parent) = grep { !$_->{forked} && $_->{runtime} } @processes;
    my ($pid) = $run->{stdout} =~ /^child (\d+) stopped after TERM$/m;
    my ($child) = grep { $_->{pid} == ($pid // 0) } @processes;
    like(
        replay($parent->{slice})->{stdout},
        qr/\Astarting from $parent->{pid}\n\z/,
        'the process that started it is replayed'
    );
    my $replayed = replay($child->{slice});
    is(
        $replayed->{stdout},
        "child $pid stopped after TERM\n",
        'the daemon is replayed up to the signal that stopped it'
    );
    is($replayed->{status}, 3, '... and ends with its status');
};

my $hash = 'my %h = map { $_ => 1 } 1 .. 9; print join(" ", keys %h, $$, time, @ARGV), "\n"; ';
vm('one-liner', ['perl', '-e', $hash . 'exit 5', 'x', 'y z'], title => 'perl -e', status => 5);
vm(
    'loop', ['perl', '-MList::Util=sum', '-lane', '$s += sum(@F); END { print "$s $.", rand }'],
    title => 'perl -lane on standard input',
    stdin => "1 2 3\n4 5\n" x 50
);
vm(
    'script', ['sh', '-c', 'chmod +x script; ./script a b'],
    title => 'a #! script',
    files =>
        {script => "#!/usr/bin/perl -w\n$hash\nprint \$0;\nmy \@x = (1) x 3; print undef . 'x';\n"}
);
vm(
    'program', ['perl', '-'],
    title => 'a program on standard input',
    stdin => "print \$0, rand;\n__END__\nnot read\n"
);
my %modules = (
    'main.pl' => <<'END',
use Local::Thing;
use lib 'more';
use Other;
print Local::Thing->new, Other::where(), %INC, "\n";
END
    'lib/Local/Thing.pm' => "package Local::Thing;\nsub new { bless [rand], shift }\n1;\n",
    'more/Other.pm' => "package Other;\nsub where { __FILE__ . \$\$ }\n1;\n",
);
vm(
    'modules', [qw(perl -Ilib main.pl)],
    title => 'modules of the working directory',
    files => \%modules
);
{
    my $outside = scratch('outside');
    spew("$outside/tool.pl", <<'END');
use Outside;
print join(' ', Outside::name(), $0, -s $0, time), "\n";
die 'the end';
END
    make_path_for(
        "$outside/lib/Outside.pm",
        "package Outside;\nsub name { 'outside ' . rand }\n1;\n"
    );
    vm(
        'outside', ['perl', "$outside/tool.pl"],
        title => 'a script outside the working directory, with PERL5LIB',
        env => {PERL5LIB => "$outside/lib"},
        status => 255
    );
}

subtest 'children of children' => sub {
    my $program = <<'END';
$| = 1;
unless (fork) {
    print "child\n";
    unless (fork) { print "grandchild\n"; exit 3 }
    wait;
    exit 2;
}
wait;
print "parent\n";
END
    my $run = vm_record(
        'generations', ['perl', 'generations.pl'],
        files => {'generations.pl' => $program});
    succeeds($run, 'it runs in the machine') or return;
    my @said = map { replay($_->{slice}) } grep { $_->{slice} } vm_slices($run->{log});
    is_deeply(
        [sort map {"$_->{stdout}$_->{status}"} @said],
        ["child\n2", "grandchild\n3", "parent\n0"],
        'each replays with its own output and status alone'
    );
};

subtest 'files that a run leaves' => sub {
    my $pull = scratch('pull');
    my $run = vm_record(
        'pull',
        ['perl', '-e', 'open F, ">", "made" or die; print F "by $$\n"; print "made by $$\n"'],
        options => ['--pull', $pull]);
    succeeds($run, 'it runs in the machine') or return;
    like(slurp("$pull/made"), qr/\Aby \d+\n\z/, '--pull brings them back');
};

done_testing;

sub make_path_for {
    my ($file, $text) = @_;
    mkdir $file =~ s{/[^/]*\z}{}r or die "$file: $!";
    return spew($file, $text);
}
