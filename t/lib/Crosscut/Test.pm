# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of whole runs share: run a command with every wait bounded, record it, take its
# inputs away, replay it elsewhere, and compare what was printed byte for byte.
package Crosscut::Test;
use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use JSON::PP qw(decode_json);
use POSIX qw(WNOHANG setsid);
use Storable qw(retrieve store);
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT =
    qw(at_once build calls children_agree chosen command get lines_up live live_record programs record_natively refusals replay replay_elsewhere replay_object
    group_outputs group_processes installed run same scratch sliced slurp spew succeeds test_hook test_tool vm vm_group vm_processes vm_record vm_slices);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = abs_path($ENV{CROSSCUT_BUILD} // "$root/build");
my $programs = "$root/t/programs";
my $scratch = "$root/t/tmp/$$";
my $owner = $$;
my $public;    # see install_publicly

# What runs programs, and what records and replays their runs. `programs` are of t/programs.
my %languages = (
    perl => {
        interpreter => 'perl', binary => '/usr/bin/perl', suffix => 'pl', kind => 'plog',
        programs => $programs
    },
    python => {
        interpreter => 'python3',
        binary => '/usr/bin/python3.11',
        suffix => 'py',
        kind => 'pylog',
        programs => "$programs/python"
    },
);

# Debian's own interpreters, unsteered.
$ENV{PATH} = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
delete @ENV{grep {/\APYTHON/} keys %ENV};

sub language { my (%with) = @_; return $languages{$with{language} // 'perl'} }

# Of a slice: which language replays it.
sub language_of {
    my ($slice) = @_;
    my ($name) = grep { $slice =~ /\.$languages{$_}{kind}\z/ } keys %languages;
    return $name;
}

# Where and as whom a replay runs, so that nothing of the recording machine's surroundings helps it.
my %elsewhere = (
    TZ => 'Pacific/Chatham',
    LANG => 'C',
    LC_ALL => 'POSIX',
    HOME => '/nonexistent',
    PATH => '/usr/bin:/bin'
);
my $nobody = $> == 0 ? [qw(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs)] : [];

# CROSSCUT_ONLY=files|argv restricts a test to some programs.
sub chosen { my ($name) = @_; return $name =~ /\A(?:@{[$ENV{CROSSCUT_ONLY} || '.*']})\z/ }

sub build { return $build }
sub programs { return $programs }
sub command { my ($name) = @_; return "$build/bin/$name" }

# What stands below t in C, built by make if it is not there or older than its source.
sub built {
    my ($name, $suffix) = @_;
    my $file = "$build/t/$name$suffix";
    return $file if -x $file && -M $file <= -M "$root/t/$name.c";
    system('make', '-s', '-C', $root, "O=$build", $file) == 0 or die "$file cannot be built";
    return $file;
}

sub test_tool { my ($name) = @_; return built("tools/$name", '') }
sub test_hook { my ($name) = @_; return built("hooks/$name", '.so') }

# A new empty directory of this test's own; all of them are removed at the end.
my $directories = 0;

sub scratch {
    my ($name) = @_;
    my $dir = sprintf '%s/%02d-%s%s', $scratch, ++$directories, $name, $$ == $owner ? '' : "-$$";
    make_path($dir);
    return $dir;
}

sub clean_up {
    return if $$ != $owner || $ENV{CROSSCUT_KEEP};
    chdir $root or return;
    remove_tree($scratch, $public // ());
    rmdir dirname($scratch);
    return;
}
END { my $status = $?; clean_up(); $? = $status }
$SIG{$_} = sub { exit 1 }
    for qw(INT TERM HUP);

sub slurp {
    my ($file) = @_;
    open my $in, '<:raw', $file or die "$file: $!";
    local $/ = undef;
    return scalar(<$in>) // '';
}

sub spew {
    my ($file, $text) = @_;
    open my $out, '>:raw', $file or die "$file: $!";
    print {$out} $text;
    close $out or die "$file: $!";
    return $file;
}

# A directory with copies of programs of t/programs, and files: {name => content}; prepare, a
# function that is called with it, adds others.
sub fill {
    my ($dir, %with) = @_;
    my ($from, $suffix) = @{language(%with)}{qw(programs suffix)};
    make_path($dir);
    for my $program (@{$with{programs} // []}) {
        copy("$from/$program.$suffix", "$dir/$program.$suffix") or die "$program.$suffix: $!";
    }
    for my $file (keys %{$with{files} // {}}) {
        make_path(dirname("$dir/$file"));
        spew("$dir/$file", $with{files}{$file});
    }
    $with{prepare}->($dir) if $with{prepare};
    return;
}

sub redirect {
    my ($handle, $mode, $file) = @_;
    open $handle, $mode, $file or die "$file: $!";
    return;
}

# In the child of run(): a process group of its own, so that all of it can be stopped.
sub become {
    my ($with, $command) = @_;
    setsid();
    redirect(\*STDIN, '<', $with->{stdin_file});
    redirect(\*STDOUT, '>', $with->{stdout_file});
    redirect(\*STDERR, '>', $with->{stderr_file});
    chdir $with->{dir} or die "$with->{dir}: $!";
    %ENV = %{$with->{only_env}} if $with->{only_env};
    $ENV{$_} = $with->{env}{$_} for keys %{$with->{env} // {}};
    exec {$command->[0]} @{$command} or die "$command->[0]: $!";
}

# Waits at most so many seconds; the status as a shell has it, 'timeout' when that was too short.
sub bounded_wait {
    my ($pid, $timeout) = @_;
    my $until = time + $timeout;
    my $pause = 0.001;
    while (waitpid($pid, WNOHANG) == 0) {
        if (time > $until) {
            kill KILL => -$pid;
            waitpid $pid, 0;
            return 'timeout';
        }
        sleep $pause;
        $pause *= 1.5 if $pause < 0.05;
    }
    my $status = $?;
    kill KILL => -$pid;    # what it left behind
    return $status & 127 ? 128 + ($status & 127) : $status >> 8;
}

# Runs a command: { stdout, stderr, status }. Options: dir, env (added), only_env (replaces),
# stdin (text), timeout in seconds.
sub run {
    my ($with, @command) = @_;
    my $dir = scratch('run');
    my %with = (
        dir => $dir,
        timeout => 60,
        stdin_file => '/dev/null',
        stdout_file => "$dir/stdout",
        stderr_file => "$dir/stderr",
        %{$with},
    );
    $with{stdin_file} = spew("$dir/stdin", $with{stdin}) if defined $with{stdin};
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        eval { become(\%with, \@command) };
        print {*STDERR} $@;
        POSIX::_exit(127);
    }
    my $status = bounded_wait($pid, $with{timeout});
    my $result = {
        stdout => slurp($with{stdout_file}),
        stderr => slurp($with{stderr_file}),
        status => $status,
        command => "@command",
    };
    remove_tree($dir) if !$ENV{CROSSCUT_KEEP};
    return $result;
}

# Does functions in so many processes at once: what each has returned, plain data.
sub at_once {
    my ($processes, @functions) = @_;
    my $dir = scratch('results');
    my @pids;
    for my $which (0 .. $processes - 1) {
        push @pids, my $pid = fork // die "fork: $!";
        next if $pid;
        for my $i (grep { $_ % $processes == $which } 0 .. $#functions) {
            eval { store([$functions[$i]->()], "$dir/$i"); 1 } or print {*STDERR} $@;
        }
        POSIX::_exit(0);
    }
    waitpid $_, 0 for @pids;
    return map { -e "$dir/$_" ? retrieve("$dir/$_")->[0] : undef } 0 .. $#functions;
}

# ---- comparing ---------------------------------------------------------------------------------

sub visible {
    my ($text) = @_;
    return defined $text
        ? substr($text, 0, 300) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger
        : '(nothing)';
}

# The first line in which two texts differ.
sub difference {
    my ($what, $expected, $got) = @_;
    my @expected = split /^/, $expected;
    my @got = split /^/, $got;
    my $line = 0;
    $line++ while $line < @expected && $line < @got && $expected[$line] eq $got[$line];
    return sprintf "%s differs in line %d of %d and %d:\n  recorded: %s\n  replayed: %s", $what,
        $line + 1,
        scalar @expected, scalar @got, visible($expected[$line]), visible($got[$line]);
}

# What a replay of one process prints: not what its children did, who say so.
sub without_children {
    my ($text) = @_;
    return join '', grep { !/^child/ } split /^/, $text;
}

# One check: two runs printed the same and ended the same.
sub same {
    my ($got, $expected, $name, %with) = @_;
    my @wrong;
    for my $stream (qw(stdout stderr)) {
        my $should =
            $with{children} ? without_children($expected->{$stream}) : $expected->{$stream};
        push @wrong, difference($stream, $should, $got->{$stream}) if $should ne $got->{$stream};
    }
    push @wrong, "status: recorded $expected->{status}, replayed $got->{status}"
        if $got->{status} ne $expected->{status};
    my $ok = ok(!@wrong, $name);
    diag(
        join "\n", @wrong,
        "command: $got->{command}",
        'said: ' . visible(last_line($got->{stderr}))) if !$ok;
    return $ok;
}

sub last_line { my ($text) = @_; return (split /^/, $text)[-1] }

# The command did its work, in silence on stderr if that is asked for.
sub succeeds {
    my ($result, $name) = @_;
    my $ok = is($result->{status}, 0, $name);
    diag("command: $result->{command}\n$result->{stderr}") if !$ok;
    return $ok;
}

# ---- replaying ---------------------------------------------------------------------------------

# Replays a slice, in a directory of its own: under the caller's surroundings, or elsewhere.
sub replay {
    my ($slice, %with) = @_;
    my $dir = scratch('replay');
    chmod 0755, $dir;
    my $replayer = command('cc-' . language_of($slice) . '-replay');
    return run({dir => $dir, %with}, $replayer, @{$with{options} // []}, $slice);
}

# What a replay that is kept from this machine says of it: what was refused. The lines are taken out
# of its stderr; a debugger's prompt may stand in front of them.
sub refusals {
    my ($replay) = @_;
    my @told;
    $replay->{stderr} =~
        s/(?:^|(?<=> ))cc-\w+-replay: (.*) was refused: what is replayed is kept from this machine \(--allow-host gives it your own rights\)(?:; further refusals are not told)?\n/push @told, $1; ''/gme;
    return @told;
}

# Another user cannot look into a checkout below /root: what a replay needs is copied to where he
# can.
sub install_publicly {
    $public = tempdir('crosscut-XXXXXX', DIR => '/tmp');
    make_path("$public/bin");
    run({}, qw(cp -r), "$build/lib", $public);
    run({}, qw(chmod -R a+rX), $public);
    for my $from (map {"$build/bin/cc-$_-replay"} keys %languages) {
        my $to = $from =~ s/\A\Q$build\E/$public/r;
        copy($from, $to) or die "$from: $!";
        chmod 0755, $to;
    }
    chmod 0755, $public, "$public/bin", "$public/lib";
    return;
}

sub replay_elsewhere {
    my ($slice, %with) = @_;
    my $language = language_of($slice);
    my $copy = "slice.$languages{$language}{kind}";
    install_publicly() if !$public;
    unlink "$public/$copy";
    my $packed = run({}, command('cc-log'), 'pack', $slice, '-o', "$public/$copy");
    copy($slice, "$public/$copy") or die "$slice: $!" if $packed->{status} ne 0;
    chmod 0644, "$public/$copy";
    my $dir = $> == 0 ? '/' : '/tmp';
    return run(
        {dir => $dir, only_env => \%elsewhere, %with},
        @{$nobody}, "$public/bin/cc-$language-replay", @{$with{options} // []}, "$public/$copy"
    );
}

# ---- without a machine -------------------------------------------------------------------------

# The object that is loaded for a replay of this language.
sub replay_object {
    my ($language) = @_;
    my ($object) = glob "$build/lib/crosscut-$language-[0-9].[0-9][0-9].so";
    return $object;
}

# Runs an interpreter with the preload recorder, which writes a slice of that one process. Options:
# binary, pipe (what it prints goes to one, as in a machine), and those of run().
sub record_natively {
    my ($slice, $with, @arguments) = @_;
    my $language = language_of($slice);
    my @pipe = $with->{pipe} ? ('bash', '-o', 'pipefail', '-c', '"$0" "$@" 2>&1 | cat') : ();
    return run(
        $with, @pipe, qw(setarch -R env),
        "CC_PRELOAD_RECORD=$slice",
        "LD_PRELOAD=$build/t/live/crosscut-$language.so",
        $with->{binary} // $languages{$language}{binary}, @arguments
    );
}

# Records a program of t/programs with the preload recorder: the run, and the slice. Options: source
# (another program's text), files => {name => content}, interpreter (what stands in place of the
# program's name), and those of run().
sub live_record {
    my ($name, $arguments, %with) = @_;
    my ($suffix, $kind) = @{language(%with)}{qw(suffix kind)};
    my $dir = scratch("live-$name");
    my $slice = "$dir/slice.$kind";
    my $work = "$dir/work";
    fill(
        $work,
        prepare => $with{prepare},
        language => $with{language},
        programs => $with{source} || $with{interpreter} ? [] : [$name],
        files => {$with{source} ? ("$name.$suffix" => $with{source}) : (), %{$with{files} // {}}});
    my @program = @{$with{interpreter} // ["$name.$suffix"]};
    my $run = record_natively($slice, {dir => $work, %with}, @program, @{$arguments});
    remove_tree($work);
    return ($run, $slice);
}

# A subtest: the program is recorded natively; its replay elsewhere, with the inputs gone, is the
# same. Options: arguments, stdin, env, status (expected), children (their lines are not the
# parent's).
sub live {
    my ($name, %with) = @_;
    my $title = delete $with{title} // $name;
    return subtest $title => sub {
        my ($run, $slice) = live_record(
            $name,
            $with{arguments} // [],
            map { $_ => $with{$_} }
                grep { exists $with{$_} }
                qw(stdin env prepare files source language interpreter binary)
        );
        is($run->{status}, $with{status} // 0, 'it runs') or return diag($run->{stderr});
        ok(-s $slice, 'a slice is made') or return diag($run->{stderr});
        replays_as($slice, $run, %with);
    };
}

# ---- in a machine ------------------------------------------------------------------------------

# The guest base is built by the first recording ever, which takes longer than others.
my $base_is_there;

sub prime {
    return if $base_is_there++;
    my $first = run(
        {timeout => 300},
        command('cc-record'), '-o', scratch('base') . '/run.vmlog',
        '--', 'true'
    );
    BAIL_OUT("nothing can be recorded: $first->{stderr}") if $first->{status} ne 0;
    return;
}

# Records a command in a machine, in a directory of its own that holds programs of t/programs and
# other files, and is gone afterwards. Options: programs => [names], files => {name => content},
# options => [of cc-record], and those of run(). Returns what cc-record passed through; {log} is the
# recording.
sub vm_record {
    my ($name, $command, %with) = @_;
    my $dir = scratch("vm-$name");
    my $work = "$dir/work";
    prime();
    fill($work, %with);
    my $run = run({
            dir => $work,
            timeout => 300,
            map { $_ => $with{$_} } grep { exists $with{$_} } qw(stdin env timeout)
        },
        command('cc-record'),
        '-o',
        "$dir/run.vmlog",
        @{$with{options} // []},
        '--',
        @{$command});
    remove_tree($work);

    $run->{log} = "$dir/run.vmlog";
    return $run;
}

# The processes of a recording, as cc-slice --list --json has them.
sub vm_processes {
    my ($log) = @_;
    my $list = run({timeout => 300}, command('cc-slice'), '--list', '--json', $log);
    succeeds($list, 'its processes are listed') or return;
    return @{decode_json($list->{stdout})};
}

# Slices of every interpreter in a recording: { pid, parent, argv, status, forked, slice, slices
# }: the processes as cc-slice --list --json has them, the slice of the program that each ran
# last, and of all that it ran.
sub vm_slices {
    my ($log) = @_;
    my $dir = scratch('slices');
    my $all = run({timeout => 300}, command('cc-slice'), $log, '-o', "$dir/");
    succeeds($all, 'every interpreter of the run is sliced in one pass') or return;
    my @processes = grep { $_->{forked} || $_->{runtime} } vm_processes($log) or return;
    for my $process (@processes) {
        my @slices = (glob("$dir/$process->{pid}-*log"), sort glob "$dir/$process->{pid}.*-*log");
        @{$process}{qw(slice slices)} = ($slices[-1], \@slices);
        ($process->{refused}) = $all->{stderr} =~ /^(.*process $process->{pid}\b.*)/m;
    }
    return @processes;
}

# One command in a machine; its only perl, or what cc-slice chooses by {select}, is sliced and
# replayed, with the inputs gone.
sub vm {
    my ($name, $command, %with) = @_;
    return subtest $with{title} // $name => sub {
        my $run = vm_record($name, $command, %with);
        is($run->{status}, $with{status} // 0, 'it runs in the machine')
            or return diag($run->{stderr});
        like($run->{stdout}, $with{prints}, 'it does its work') if $with{prints};
        my $slice = dirname($run->{log}) . '/slice.' . language(%with)->{kind};
        my @which = @{$with{select} // []};
        succeeds(
            run({timeout => 300}, command('cc-slice'), $run->{log}, @which, '-o', $slice),
            'it is sliced'
        ) or return;
        replays_as($slice, $run, %with);
    };
}

sub replays_as {
    my ($slice, $run, %with) = @_;
    same(replay($slice), $run, 'replayed, the inputs gone: the same', %with);
    same(
        replay_elsewhere($slice),
        $run, 'as another user, elsewhere, under another TZ and LANG: the same', %with
    );
    return;
}

sub quoted { my ($word) = @_; return "'" . $word =~ s/'/'\\''/gr . "'" }

# What stands behind the interpreter's name: the program's, but where the row says else.
sub program_of {
    my ($row) = @_;
    return @{$row->{interpreter} // ["$row->{name}." . language(%{$row})->{suffix}]};
}

# The shell line that runs one row of a group, and what it prints to both outputs behind it.
sub group_line {
    my ($number, $row) = @_;
    my @env = map { quoted("$_=$row->{env}{$_}") } sort keys %{$row->{env} // {}};
    my $input = defined $row->{stdin} ? "input-$number" : '/dev/null';
    my $language = language(%{$row});
    return join ' ', (@env ? ('env', @env) : ()), $row->{binary} // $language->{interpreter},
        (map { quoted($_) } program_of($row), @{$row->{arguments} // []}),
        "<$input;", "echo \"=== $number \$?\"; echo \"=== $number\" >&2\n";
}

# What the run printed, by row.
sub group_outputs {
    my ($run) = @_;
    my @outputs;
    my ($stdout, $stderr) = @{$run}{qw(stdout stderr)};
    while ($stdout =~ s/\A(.*?)=== (\d+) (\d+)\n//s) {
        $outputs[$2] = {stdout => $1, status => $3, stderr => '', command => 'recorded'};
    }
    while ($stderr =~ s/\A(.*?)=== (\d+)\n//s) {
        $outputs[$2]{stderr} = $1;
    }
    return @outputs;
}

# The processes that run.sh started, by row: each as vm_slices has it, or, where it has no slice, as
# vm_processes.
sub group_processes {
    my ($run, @slices) = @_;
    my %sliced = map { ($_->{pid} => $_) } @slices;
    my @all = vm_processes($run->{log});
    my ($shell) = grep { ($_->{argv}[1] // '') eq 'run.sh' } @all;
    return map { $sliced{$_->{pid}} // $_ } grep { $_->{parent} == $shell->{pid} } @all;
}

# Forked copies of a perl: each line "child PID ..." that was recorded comes out of the slice of
# PID.
sub children_agree {
    my ($expected, @processes) = @_;
    my %lines;
    push @{$lines{$2}}, $1 while $expected->{stdout} =~ /^(child (\d+) .*\n)/mg;
    for my $pid (sort { $a <=> $b } keys %lines) {
        my ($process) = grep { $_->{pid} == $pid && $_->{slice} } @processes;
        my $replayed =
            $process
            ? replay($process->{slice})
            : {stdout => '', stderr => $process->{refused} // 'it has no slice', status => 125};
        my $good = is(
            join('', grep {/^child/} split /^/, $replayed->{stdout}),
            join('', @{$lines{$pid}}),
            "child $pid: its own slice prints what it printed"
        );
        is($replayed->{status}, $process->{status}, "child $pid: and ends as it did") if $process;
        diag($replayed->{stderr}) if !$good;
    }
    return;
}

# The packages that rows name, each once.
sub packages {
    my (@rows) = @_;
    my %seen;
    return grep { defined && !$seen{$_}++ } map { $_->{package} } @rows;
}

sub installed {
    my ($package) = @_;
    return run({}, 'dpkg-query', '-W', '-f', '${Status}', $package)->{stdout} =~
        /install ok installed/;
}

# Is the package here, or can it be had?
sub get {
    my ($package) = @_;
    return 1 if installed($package);
    run(
        {timeout => 300, env => {DEBIAN_FRONTEND => 'noninteractive'}},
        qw(apt-get install -y -q --no-install-recommends), $package
    ) if $> == 0;
    return installed($package);
}

# The calls of a slice: what is called from which op, at which line of which sub.
sub calls {
    my ($slice) = @_;
    my $dump = run({}, command('cc-log'), 'dump', '--json', $slice);
    return [
        map {"$_->{name} $_->{op} $_->{file}:$_->{line} $_->{sub}"}
            grep { $_->{type} eq 'call' } map { decode_json($_) } split /\n/,
        $dump->{stdout}];
}

# The only interpreter of a recording: what cc-slice said, and the slice.
sub sliced {
    my ($run, $language) = @_;
    my $kind = language(language => $language)->{kind};
    my $slice = dirname($run->{log}) . "/slice.$kind";
    my $result = run({timeout => 300}, command('cc-slice'), $run->{log}, '-o', $slice);
    return ($result, $slice);
}

# A script in a machine, and the same recorded natively: do they make the same calls?
sub lines_up {
    my ($language, $script, $title) = @_;
    my ($interpreter, $suffix, $kind) =
        @{language(language => $language)}{qw(interpreter suffix kind)};
    my %env = (LANG => 'C.UTF-8', PATH => $ENV{PATH}, HOME => $ENV{HOME});
    delete local @ENV{'LANGUAGE', 'LANG', grep {/\ALC_/} keys %ENV};
    local $ENV{LANG} = 'C.UTF-8';
    return subtest $title => sub {
        my $guest =
            vm_record('truth', [$interpreter, "s.$suffix"], files => {"s.$suffix" => $script});
        my ($result, $slice) = sliced($guest, $language);
        is($result->{status}, 0, 'the recording is sliced') or return diag($result->{stderr});
        my $dir = scratch('truth');
        spew("$dir/s.$suffix", $script);
        my $truth = scratch('native') . "/slice.$kind";
        my $native = record_natively(
            $truth,
            {dir => $dir, only_env => \%env, binary => $interpreter, pipe => 1}, "s.$suffix"
        );
        is($native->{status}, 0, 'and recorded natively') or return diag($native->{stderr});
        my ($there, $here) = map { unplaced($_) } calls($slice), calls($truth);
        my ($first) = grep { $there->[$_] =~ m{ s\.$suffix:} } 0 .. $#{$there};
        ok($first && $first > 40, "start-up makes calls: $first of them before the script's first")
            or return;
        is_deeply(
            [@{$there}[0 .. $first - 1]],
            [@{$here}[0 .. $first - 1]],
            'start-up lines up, call by call'
            )
            or diag(
            join "\n",
            map { ($there->[$_] // '') . '   |   ' . ($here->[$_] // '') } 0 .. $first
            );
        # The recorder without a machine does not know of the line that ended a perl program.
        for my $i (0 .. $#{$here}) {
            my ($call) = $here->[$i] =~ /\A(\S+)  (?:s\.pl)?:0 \z/ or next;
            $there->[$i] = $here->[$i] if ($there->[$i] // '') =~ /\A\Q$call\E  (?:s\.pl)?:\d+ \z/;
        }
        is_deeply($there, $here, 'so does the rest');
    };
}

# Calls without the directory of the script, which is each run's own.
sub unplaced {
    my ($calls) = @_;
    return [map {s{ \S+/(s\.\w+):}{ $1:}r} @{$calls}];
}

# Several programs in one recording, run one after another by a shell; each is judged by its slice.
sub vm_group {
    my ($name, @rows) = @_;
    my $language = language(%{$rows[0]});
    return vm(
        $name,
        [$language->{interpreter}, program_of($rows[0]), @{$rows[0]{arguments} // []}],
        %{$rows[0]}, programs => [$rows[0]{name}]) if !$rows[0]{group};
    my %files = (
        'run.sh' => join('', map { group_line($_, $rows[$_]) } 0 .. $#rows),
        map { %{$_->{files} // {}} } @rows
    );
    $files{"input-$_"} = $rows[$_]{stdin} for grep { defined $rows[$_]{stdin} } 0 .. $#rows;
    my (@outputs, @processes, %main);
    subtest "$name: " . @rows . ' programs in one recording' => sub {
        my $run = vm_record(
            $name, [qw(sh run.sh)],
            files => \%files,
            language => $rows[0]{language},
            options => [map { ('--package', $_) } packages(@rows)],
            prepare => sub {
                my ($work) = @_;
                $_->{prepare}->($work) for grep { $_->{prepare} } @rows;
            },
            programs => [map { $_->{interpreter} ? () : $_->{name} } @rows]);
        succeeds($run, 'they run in the machine') or return;
        @outputs = group_outputs($run);
        @processes = vm_slices($run->{log});
        my @own = group_processes($run, @processes);
        @main{0 .. $#own} = @own;
        is(scalar @own, scalar @rows, 'each has a process');
    };
    for my $number (0 .. $#rows) {
        my $row = $rows[$number];
        subtest $row->{title} => sub {
            my ($process, $expected) = ($main{$number}, $outputs[$number]);
            is($expected->{status}, $row->{status} // 0, 'it runs in the machine')
                or return diag($expected->{stderr});
            ok($process->{slice}, 'it is sliced') or return diag($process->{refused});
            replays_as($process->{slice}, $expected, %{$row});
            children_agree($expected, @processes) if $row->{children};
        };
    }
    return;
}

1;
