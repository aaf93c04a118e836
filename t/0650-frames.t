#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Ops whose result is in the slice: the stage and a replay agree on when there is one and what it
# is, wherever the stack stands, whoever has wrapped the op, and whoever has called it. And frames
# that are not last-in-first-out: tracers, debuggers, prints and hooks follow the program from one
# chain of them to another.
use strict;
use warnings;

use Config;
use File::Copy qw(copy);
use FindBin;
use JSON::PP qw(decode_json);
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Crosscut::Traced;
use Test::More;

my $root = "$FindBin::Bin/..";
my %programs;    # by file name
my %options;     # of the interpreter

# The opcodes of a list of valued ops.
sub valued_ops { my ($header) = @_; return slurp("$root/$header") =~ /X\(([A-Z]\w+)\)/g }

# ---- each valued op, with nothing else on the stack ----

# Code that makes a host call in that very op. What returns an empty list is asked for a list, too.
my %perl = (
    READLINE => 'readline $in', RCATLINE => '$line .= <IN>', GETC => 'getc $in',
    SYSREAD => 'sysread $raw, $line, 3',
    READ => 'read $in, $line, 3', SYSWRITE => 'syswrite $out, "text"', EOF => 'eof $in',
    TELL => 'tell $out',
    SEEK => 'seek $in, 0, 0', SYSSEEK => 'sysseek $raw, 0, 0', TRUNCATE => 'truncate $out, 2',
    FCNTL => 'fcntl $in, 1, 0', IOCTL => 'ioctl $in, 0x5401, $line', FLOCK => 'flock $out, 2',
    SEND => 'send $one, "text", 0', RECV => 'recv $other, $line, 9, 0x40',
    SOCKET => 'socket my $s, 1, 1, 0',
    BIND => 'bind $one, "nothing"', CONNECT => 'connect $one, "nothing"',
    LISTEN => 'listen $one, 1',
    ACCEPT => 'accept my $s, $one', SHUTDOWN => 'shutdown $one, 2',
    GETPEERNAME => 'getpeername $other',
    GETSOCKNAME => 'getsockname $other', LSTAT => 'lstat "nowhere"', STAT => 'stat "nowhere"',
    FTRREAD => '-R "data"',
    FTEREAD => '-r "nowhere"', FTIS => '-e "data"', FTSIZE => '-s "data"',
    FTMTIME => '-M "nowhere"', FTFILE => '-f "data"',
    FTDIR => '-d "data"', FTTTY => '-t $in', FTTEXT => '-T "data"', FTBINARY => '-B "data"',
    CHDIR => 'chdir "."',
    CHOWN => 'chown 1, 1, "nowhere"', UNLINK => 'unlink "nowhere"', CHMOD => 'chmod 0644, "data"',
    UTIME => 'utime 1, 1, "nowhere"', RENAME => 'rename "nowhere", "here"',
    LINK => 'link "nowhere", "here"',
    SYMLINK => 'symlink "data", "data"', READLINK => 'readlink "nowhere"', MKDIR => 'mkdir "data"',
    RMDIR => 'rmdir "nowhere"', OPEN_DIR => 'opendir $directory, "."',
    READDIR => 'readdir $directory',
    FORK => 'fork || exit', WAIT => 'wait', WAITPID => 'waitpid -1, 1', SYSTEM => 'system "true"',
    KILL => 'kill 0, $$', GETPPID => 'getppid', GETPGRP => 'getpgrp',
    GETPRIORITY => 'getpriority 0, 0', TIME => 'time',
    SLEEP => 'sleep 0', ALARM => 'alarm 0', BACKTICK => '`echo text`',
    OPEN => 'open my $f, "<", "nowhere"',
    CLOSE => 'close $spare', UMASK => 'umask', SSELECT => 'select undef, undef, undef, 0.001',
    GETLOGIN => 'getlogin',
);

sub perl_program {
    my $text = <<'END';
use Socket;
our ($in, $raw, $out, $one, $other, $directory, $spare, $line, @list);
open $in, '<', 'data'; open $raw, '<', 'data'; open $out, '>>', 'written'; open $spare, '<', 'data';
socketpair $one, $other, AF_UNIX, SOCK_STREAM, 0;
*IN = $in;
END
    my $anew = q(seek $in, 0, 0; print {$out} 'text');    # no buffer has what the op wants
    for my $op (sort keys %perl) {
        my @ways =
            $op eq 'FORK'
            ? ($perl{$op}, 'wait')
            : ($perl{$op}, "\@list = $perl{$op}", "for ($perl{$op}) {}");
        $text .= join '', map {"$anew; $_;\n"} @ways;
    }
    return "$text print 'done ', scalar \@list, qq(\\n);\n";
}

# Of python: what is called by nothing else than the op, in C.
my %python = (
    CALL => 'os.stat("data")', CALL_FUNCTION_EX => 'os.stat(*["data"])',
    FOR_ITER => "for line in stream: pass",
    LOAD_ATTR => 'Path("data").status', BINARY_SUBSCR => 'Made()["data"]',
    BINARY_OP => 'Made() + "data"',
    IMPORT_NAME => 'import anything', SEND => 'list(sends())',
);

sub python_program {
    my $text = <<'END';
import builtins, os, sys
class Path(str):
    status = property(os.stat)
class Made:
    __add__ = __getitem__ = os.stat
class Importer:
    def __init__(self): self.there = builtins.__import__
    def __enter__(self): builtins.__import__ = print
    def __exit__(self, *what): builtins.__import__ = self.there
def sends(): yield from open('data', 'rb', 0)
stream = open('data', 'rb', 0)
print('begins', flush=True)
END
    for my $op (sort keys %python) {
        my $code = $python{$op};
        $code = "with Importer(): $code" if $op eq 'IMPORT_NAME';
        my $fails = $code =~ s/"data"/"nowhere"/r =~ s/stream/os.scandir("nowhere")/r;
        $text .= "$code\n" . ($fails ne $code ? "try:\n    $fails\nexcept OSError: pass\n" : '');
    }
    return "$text print('done')\n" =~ s/^ print/print/mr;
}

$programs{'valued.pl'} = perl_program();
$programs{'valued.py'} = python_program();
$options{'valued.py'} = '-u';

is_deeply(
    [sort map {"OP_$_"} keys %perl], [sort(valued_ops('runtimes/perl/replay/valued.h'))],
    'each valued op of perl is tried'
);
is_deeply(
    [sort keys %python], [sort(valued_ops('runtimes/python/replay/valued.h'))],
    'and of python'
);

# ---- others of the kind ----

$programs{'iterates.py'} = <<'END';
import csv, io, os, xml.etree.ElementTree as tree
for line in open('data'): pass
for row in csv.reader(open('data')): pass
for event, element in tree.iterparse('feed.xml'): pass
class Iterator:
    def __init__(self): self.file = open('data', 'rb', 0)
    def __iter__(self): return self
    def __next__(self):
        read = self.file.read(2)
        if read: return read
        raise StopIteration
for piece in Iterator(): pass
for piece in iter(open('data', 'rb', 0).readline, b''): pass
for piece in map(os.stat, ['data', '.']): pass
for entry in os.scandir('.'): pass
print([sum(len(line) for line in open('data'))], sorted(['data', '.'], key=os.path.getsize))
END

# Functions in C that call back before they return, and what is left by an exception.
$programs{'calls-back.py'} = <<'END';
import ctypes, functools, os
class Size:
    def __init__(self, name): self.name = name
    def __lt__(self, other): return os.stat(self.name).st_size < os.stat(other.name).st_size
    def __fspath__(self): os.getppid(); return self.name
    def __del__(self): os.getppid()
    def __index__(self): return os.open('data', os.O_RDONLY)
print([size.name for size in sorted(map(Size, ['data', 'feed.xml']))], os.stat(Size('data')).st_size)
print(os.read(Size(0), 5), functools.reduce(lambda a, b: a + os.stat(b).st_size, ['data', 'feed.xml'], 0))
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 5)(5, 1, 4, 2, 3)
ctypes.CDLL(None).qsort(numbers, 5, 4, compare(lambda a, b: (os.getppid() and 0) or a[0] - b[0]))
print(list(numbers))
try: os.stat(type('P', (), {'__fspath__': lambda self: open('nowhere')})())
except OSError as error: print(error)
END

$programs{'called.pl'} = <<'END';
use IO::File;
package Tied;
sub TIEHANDLE { open my $file, '<', $_[1]; bless \$file }
sub READLINE { scalar readline ${$_[0]} }
sub GETC { getc ${$_[0]} }
sub READ { read ${$_[0]}, $_[1], $_[2] }
sub EOF { eof ${$_[0]} }
sub TELL { tell ${$_[0]} }
sub SEEK { seek ${$_[0]}, $_[1], $_[2] }
sub WRITE { -s 'data'; syswrite STDOUT, $_[1] }
sub CLOSE { close ${$_[0]} }
package Over;
use overload '<>' => sub { open my $file, '<', 'data'; scalar <$file> }, '-X' => sub { -s 'data' }, '""' => sub { stat 'data'; 'data' };
package Tie::Name;
sub TIESCALAR { bless [] }
sub FETCH { time > 9 ? 'data' : '' }
sub STORE { -e $_[1] }
package main;
my $file = IO::File->new('data');
print $file->getline, $file->getlines, $file->eof, "\n";
tie *FH, 'Tied', 'data';
print scalar <FH>; seek FH, 1, 0; print getc FH, tell FH, eof FH ? 'end' : 'more', "\n";
read FH, my $text, 3; syswrite FH, "$text\n"; my @lines = <FH>; close FH;
my $over = bless [], 'Over';
print scalar <$over>, -e $over, -s "$over", (stat $over)[7], "\n";
tie my $name, 'Tie::Name'; print -s $name, "\n"; open $name, '<', $name; readlink $name;
print join(' ', sort { -s $a <=> -s $b or (stat $a)[7] <=> (stat $b)[7] } glob('*.xml data')), "\n";
print "data: $_\n" for grep { -e } map { (stat, $_)[-1] } 'data';
eval { local $SIG{__WARN__} = sub { -e 'data'; die "warned\n" }; use warnings; readline STDERR; -e "nowhere\n" }; print $@;
unshift @INC, sub { -e 'data'; open my $source, '<', 'one'; $source }; require Nothing; do './nothing.pl';
END

# ---- ops that modules in C have wrapped ----

my $wrapped = <<'END';
BEGIN {
    require DynaLoader;
    my $file = DynaLoader::dl_load_file('./wraps.so', 0) or die DynaLoader::dl_error();
    DynaLoader::dl_install_xsub('wraps::boot', DynaLoader::dl_find_symbol($file, 'boot_wraps'));
    wraps::boot();
    wraps::WAY();
}
open my $file, '<', 'data' or die;
my $length = 0;
while (my $line = <$file>) { $length += length $line }
print $length, eof($file), tell($file), "\n";
sub later {
    my @info = stat 'data';
    print scalar(@info), (time > 1000 ? 'later' : ''), -s 'data', "\n";
    print "$_\n" for sort { -s $a <=> -s $b or $a cmp $b } qw(data feed.xml);
    readlink 'nowhere';
}
later();
eval { open my $file, '<', 'nowhere' or die "no: $!\n" };
print $@, wraps::told() > 0, "\n";
END
$programs{"$_.pl"} = $wrapped =~ s/WAY/$_/r for qw(table check replace loop);
$programs{'calls.pl'} = $wrapped =~ s/    wraps::WAY.*//sr . <<'END';
}
open my $file, '<', 'data';
print map {"got $_\n"} wraps::calls($file), wraps::calls($file), scalar <$file>;
END

# Recorded and replayed beside it.
my $modules = scratch('modules');
my @flags = split ' ', "$Config{ccflags} -I$Config{archlibexp}/CORE";
succeeds(
    run(
        {}, qw(gcc -O1 -shared -fPIC), @flags, '-o', "$modules/wraps.so", "$root/t/programs/wraps.c"
    ),
    'a module in C that wraps ops is built'
);

my $profiler = run({}, qw(perl -MDevel::NYTProf::Core -e 1))->{status} eq 0;
if ($profiler) {
    $programs{'profiled.pl'} =
        qq(open my \$file, '<', 'data' or die; print scalar <\$file>; print -s 'data', "\\n";\n);
    $options{'profiled.pl'} = '-d:NYTProf';
}

# ---- all of them in one recording ----

my @names = sort keys %programs;
my $shell = join '', map {
    my $interpreter = /py\z/ ? 'python3' : 'perl';
    sprintf "%s %s %s </dev/null\necho \"=== %s \$?\"\n", $interpreter, $options{$_} // '', $_, $_
} @names;
my $run = vm_record(
    'frames', ['sh', 'run.sh'],
    files => {
        %programs, 'run.sh' => $shell, one => "1;\n", data => "one\ntwo,2\nthree\n",
        'feed.xml' => "<a><b>text</b><c/></a>\n"
    },
    prepare => sub { return copy("$modules/wraps.so", $_[0]) });
succeeds($run, 'programs run in one machine');
my %printed;
my $all = $run->{stdout};
$printed{$2} = {stdout => $1, stderr => '', status => $3, command => 'recorded'}
    while $all =~ s/\A(.*?)=== (\S+) (\d+)\n//s;
my %process = map {
    (grep {/\.p[ly]\z/} @{$_->{argv}})[0] => $_
} reverse grep { !$_->{forked} } vm_slices($run->{log});

for my $name (@names) {
    my $slice = $process{$name}{slice};
    is($printed{$name}{status}, 0, "$name runs") or diag($run->{stderr});
    ok($slice, "$name is sliced") or diag($process{$name}{refused} // 'it has no slice');
    my $replay = replay($slice, dir => $modules);
    $replay->{stderr} = '' if $replay->{status} eq 0;
    same($replay, $printed{$name}, "$name: the replay is the same");
}

# Ops with a call of their own, and those whose result follows it in the slice.
sub ops_with_values {
    my ($slice) = @_;
    my (%calls, %values, $last);
    for my $record (
        map { decode_json($_) } split /\n/,
        run({}, command('cc-log'), 'dump', '--json', $slice)->{stdout}
    ) {
        $calls{$last = $record->{op}}++ if $record->{type} eq 'call';
        $values{$last}++ if $record->{type} eq 'value' && defined $last;
    }
    return (\%calls, \%values);
}

for my $language (['valued.pl', map {lc} sort keys %perl], ['valued.py', sort keys %python]) {
    my ($name, @ops) = @{$language};
    my ($calls, $values) = ops_with_values($process{$name}{slice});
    for my $op (@ops) {
        my @made = grep {/\A$op(?:_|\z)/} keys %{$values};
        ok(@made, "$op has a value in the slice of $name") or diag(join ' ', sort keys %{$calls});
    }
}

my $quiet = {TERM => 'dumb', PERL_RL => ' o=0', HOME => '/nonexistent'};

# ---- greenlets ----

my $hooks = "$FindBin::Bin/hooks";
my $python = '/usr/bin/python3.11';
my @switching = (
    ['greenlets', 'greenlet', 'python3-greenlet', <<'END'],
b 11
c
p name, i, count
w
u
n
c
s
s
w
c
r
n
n
b 20
c
w
p depth, value
u
u
p depth
r
b 26
c
w
n
n
n
cl 3
b 46
c
s
s
s
b 54
c
n
n
n
b 60
c
w
p item
r
c
END
    ['gevents', 'gevent', 'python3-gevent', <<'END'],
b consume
c
w
n
n
n
p item, total
n
n
p total
b 51
c
w
n
n
n
r
END
    ['eventlets', 'eventlet', 'python3-eventlet', <<'END'],
b work
c
p n
n
n
n
n
b 21
c
w
p total
r
END
    ['awaits', 'sqlalchemy.util', 'python3-sqlalchemy', <<'END'],
b 16
c
w
n
p total
n
n
s
s
s
r
r
p total
END
);

sub same_events {
    my ($dir, $run, $which) = @_;
    my $option = $which eq 'profile' ? '--profile' : '--trace';
    my $native = run(
        {dir => $dir, only_env => traced_environment()}, $python, "$hooks/events.py", $which,
        'program.py'
    );
    is($native->{status}, 0, "$which natively") or diag($native->{stderr});
    my $expected = slurp("$dir/events");
    unlink "$dir/events";
    my $replay = replay(
        "$dir/slice.pylog", dir => $dir,
        options => [$option, "$hooks/events.py:$which", '--hook-output', "$dir/events"]);
    same($replay, $run, "$which: the replay is the same");
    same(
        {%{$replay}, stdout => slurp("$dir/events")}, {%{$run}, stdout => $expected},
        "$which: and all @{[$expected =~ tr/\n//]} events are as natively"
    );
    return $expected;
}

# What pdb says up to the program's end, without what the program says of times and addresses.
sub said_by_pdb {
    my ($result) = @_;
    my $text = $result->{stdout} =~ s/^(?:\(Pdb\) )?The program (?:finished|exited).*//msr;
    $text =~ s/.*\K\(Pdb\) .*//s;    # there is no command left
    $text =~
        s/^(\(Pdb\) )?(?:  \S+(?:pdb|bdb)\.py\(\d+\)\w+\(\)\n-> .*\n)*  <string>\(1\)<module>\(\)\n/$1 \/\/ ''/mge;
    return $text =~ s/ at 0x[0-9a-f]+>/>/gr;
}

# --print at each line that has run: as often as natively, in the same order.
sub same_prints {
    my ($dir, $run, $events) = @_;
    my @lines = $events =~ /^line \S+ (\d+) /mg;
    my %once;
    my @options = map { ('--print', "program.py:$_:$_") } grep { !$once{$_}++ } @lines;
    my $replay = replay(
        "$dir/slice.pylog", dir => $dir,
        options => [@options, '--print-to', "$dir/printed"]);
    my @printed = slurp("$dir/printed") =~ /\] (\d+)$/mg;
    same({%{$replay}, stdout => "@printed"}, {%{$run}, stdout => "@lines"}, "--print in each line");
    return;
}

for my $row (@switching) {
    my ($name, $module, $package, $commands) = @{$row};
    subtest "$name.py" => sub {
        plan(skip_all => "the package $package is not installed")
            if run({}, $python, '-c', "import $module")->{status} ne 0;
        my ($dir, $run) = recorded($name);
        my $events = same_events($dir, $run, 'trace');
        same_events($dir, $run, 'profile');
        my $native = run(
            {dir => $dir, only_env => traced_environment(), stdin => $commands}, $python, '-m',
            'pdb', 'program.py'
        );
        my $replay =
            replay("$dir/slice.pylog", dir => $dir, stdin => $commands, options => ['--pdb']);
        is(said_by_pdb($replay), said_by_pdb($native), 'pdb says what it says natively');
        like($replay->{stdout}, qr/program\.py\(\d+\)\w+\(\)\n/, 'in a function that is switched');
        same_prints($dir, $run, $events);
    };
}

# What a hook writes to the file that its option out names.
sub written_by {
    my ($slice, $hook, $run) = @_;
    my $dir = scratch('hook');
    same(
        replay($slice, dir => $dir, options => ['--hook', "$hook,out=written"]), $run,
        "$hook: the replay is the same"
    );
    return slurp("$dir/written") =~ s{^(?:\[\d+\.\d+\] )?(?:/\S+/)?}{}mgr;
}

subtest 'who wrote, in turns' => sub {
    plan(skip_all => 'the package python3-greenlet is not installed')
        if run({}, $python, '-c', 'import greenlet')->{status} ne 0;
    my ($dir, $run) = recorded('turns');
    my $slice = "$dir/slice.pylog";
    my $main = sub { my ($line, $value) = @_; return [$line, '<module>', $value] };
    my $worker = sub { my ($line, $value) = @_; return [$line, 'worker', $value] };
    my @writes = (
        $main->(8, 0), $worker->(12, 1), $worker->(12, 11), $main->(21, 22), $main->(24, 122),
        $worker->(14, 17),
        $worker->(12, 18), $main->(24, 118), $worker->(14, 115), $worker->(12, 125),
        $main->(24, 225));
    my $said = written_by($slice, 'whowrote=total', $run);
    my @got = $said =~ /^(program\.py:.*)/mg;
    my ($was, @expected) = ('');
    for my $write (@writes) {
        my ($line, $sub, $value) = @{$write};
        push @expected, "program.py:$line $sub: total: "
            . ($was eq '' ? "first seen: $value" : "$was \x{e2}\x{86}\x{92} $value");
        $was = $value;
    }
    is_deeply(
        [@got[0 .. $#expected]], \@expected,
        'a variable of the module, and which of them wrote it'
    );
    $said = written_by($slice, 'whowrote=worker:mine', $run);
    is(
        join(' ', $said =~ /:(\d+) worker: mine/g), '11 11 13 14 13 14 13 14 13 14 13 14 13 14',
        q{a function's own}
    );
    $said = written_by($slice, 'calltrace=under=' . $dir, $run);
    unlike($said, qr/^ +\S+ worker  /m, 'no greenlet is taken for what another one has called');
    my %deep = map { length $_ => 1 } $said =~ /^( *)greenlet\.greenlet\.switch/mg;
    is_deeply([keys %deep], [2], 'and what it calls is as deep as it was');
};

# ---- Coro ----

sub debugged_perl {
    my ($slice, @commands) = @_;
    return run({
            dir => $slice ? scratch('past') : programs(),
            stdin => join('', map {"$_\n"} @commands), env => $quiet
        },
        $slice ? (command('cc-perl-replay'), '-d', $slice) : qw(perl -d coro.pl)
    );
}

sub transcript { my ($result) = @_; return "$result->{stdout}$result->{stderr}" =~ s/\(0x\w+\)//gr }

subtest q{Coro's coroutines} => sub {
    plan(skip_all => 'the package libcoro-perl is not installed')
        if run({}, qw(perl -MCoro -e 1))->{status} ne 0;
    my ($run, $slice) = live_record('coro');
    is($run->{status}, 0, 'they run') or diag($run->{stderr});
    same(replay($slice), $run, 'the replay is the same');
    my @commands = (
        'b 14 $n == 2', q(b 23 $name eq 'b'), 'c', 'p "$n $total"', 'T', 'c', 'p "$name $mine"',
        'T', 'q'
    );
    my $past = transcript(debugged_perl($slice, @commands));
    like($past, qr/worker.*worker/s, 'perl -d on a past run');
    is(
        $past, transcript(debugged_perl(undef, @commands)),
        'breakpoints, variables and stacks are what perl -d says'
    );
    my $said = transcript(
        debugged_perl(
            $slice, 'b 14 $n == 2', 'c', 'p "first $total"', 'B *', 'n', 'p "then $n $total"',
            'n', 'n', 'rn', 'rn', 'when', 'q'
        ));
    like(
        $said,
        qr/first 1104.*coro\.pl:15.*then 2 1206.*coro\.pl:23.*coro\.pl:22.*coro\.pl:23.*coro\.pl:22/s,
        'n and rn stay with the coroutine, over what others do meanwhile'
    ) or diag($said);
    my $all = written_by($slice, 'whowrote=$total', $run);
    my @wrote = $all =~ /coro\.pl:(\d+ ?\S*?): \$total/g;
    is_deeply(
        [@wrote[2 .. 8]],
        ['29', ('13 main::add') x 2, ('23 main::worker', '13 main::add') x 2],
        'who wrote what they share'
    );
    $all = written_by($slice, 'whowrote=main::worker:$mine', $run);
    is(
        join(' ', $all =~ /:(\d+) main::worker/g), '21 21 22 22 22 22 22 22',
        'and what each has for itself'
    );
    my $told = scratch('told');
    same(
        replay(
            $slice, dir => $told,
            options => [
                '--hook', test_hook('events') . '=file=coro.pl,to=events', '--hook-output',
                'events'
            ]
        ),
        $run,
        'calls are told'
    );
    my $events = slurp("$told/events");
    is(scalar(() = $events =~ /^enter main::add /mg), 6, 'each sub is entered once');
    is(scalar(() = $events =~ /^leave main::add$/mg), 6, 'and left once, having returned');
};

done_testing();
