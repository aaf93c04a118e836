#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Moments: hooks in C, Perl and Python, those that come with Crosscut, cc-log dump, prints and the
# debuggers mean the same by one, and `go` leads to each of them.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use JSON::PP qw(decode_json);
use Test::More;

my %run;
for my $row (
    [perl => shop => 'hooked/shop.pl'],
    [python => shop => 'hooked/shop.py'],
    [python => generators => 'traced/generators.py'],
    [python => fails => 'traced/fails.py'],
    [python => coroutines => 'traced/coroutines.py'],
) {
    my ($language, $name, $source) = @{$row};
    my ($run, $slice) = live_record(
        $name, [], language => $language, source => slurp(programs() . "/$source"),
        files => {input => "one line\n"});
    my $file = $source =~ s{.*/}{}r;
    push @{$run{$language}}, {run => $run, slice => $slice, file => $file};
}

# ---- one count ---------------------------------------------------------------------------------

# What a hook has written.
sub written {
    my ($of, $hook, $title) = @_;
    my $out = scratch('moments') . '/out';
    my $replay = replay(
        $of->{slice},
        options => ['--hook', sprintf($hook, $of->{file}, $out), '--hook-output', $out]);
    same($replay, $of->{run}, "$title: the replay is the same");
    return slurp($out);
}

# --print at each of these lines.
sub printed {
    my ($of, @lines) = @_;
    my $out = scratch('printed') . '/out';
    my %once;
    my @options = map { ('--print', "$of->{file}:$_:1") } grep { !$once{$_}++ } @lines;
    replay($of->{slice}, options => [@options, '--print-to', $out], timeout => 120);
    return slurp($out) =~ s{ /\S*/}{ }gr =~ s/ 1$//mgr;
}

for my $of (map { @{$_} } @run{qw(perl python)}) {
    subtest "$of->{file}: a hook and --print mean the same" => sub {
        my $hook = test_hook('moments') . '=%s,%s,';
        my $told = written($of, "${hook}s", 'statements');
        my @lines = $told =~ /:(\d+)\]$/mg;
        is($told, printed($of, @lines), 'each of ' . @lines . ' statements');
        is(written($of, "${hook}sceo", 'with calls, exceptions, ops'), $told, 'the same moments');
        my $calls = written($of, "${hook}h", 'host calls alone');
        is(written($of, "${hook}hceo", 'with calls, exceptions, ops'), $calls, 'the same moments');
        unlike($told . $calls, qr/no moment|too late/, 'each can be told');
        my %at = $told =~ /^(\[\d+\.\d+) (\S+)\]/mg;
        my @began = grep { exists $at{(split)[0]} && !/:0\]/ } split /\n/, $calls;
        my @wrong = grep { /^(\S+) (\S+)\]/ && $at{$1} ne $2 } @began;
        is_deeply(\@wrong, [], 'a host call has that of the statement that makes it');
        ok($of->{file} !~ /shop/ || @began, @began . ' first ones');
    };
}

my %in_language = (
    perl => <<'END',
use Crosscut::Hook qw(arguments count_moments moment on);
my ($file, $to) = split /,/, arguments();
open my $out, '>', $to or die "$to: $!\n";
count_moments();
on statement => sub {
    my ($at, $line) = @_;
    my ($calls, $events) = moment();
    print {$out} "[@{[scalar moment]} $file:$line]\n" if $at =~ m{(?:\A|/)\Q$file\E\z} && $calls && $events;
};
END
    python => <<'END',
from crosscut import hook
file, to = hook.arguments.split(",")
out = open(to, "w")
hook.count_moments()


@hook.statement
def statement(at, line, sub):
    now = hook.moment()
    if at.rpartition("/")[2] == file and now.calls and now >= (now.calls, 1):
        print(f"[{now} {file}:{line}]", file=out)
END
);

my $scripts = scratch('scripts');
for my $language (qw(perl python)) {
    my $of = $run{$language}[0];
    my $suffix = $language eq 'perl' ? 'pl' : 'py';
    my $script = spew("$scripts/moments.$suffix", $in_language{$language});
SKIP: {
        skip 'the package libperl5.36 is not installed and cannot be', 1
            if $language eq 'perl' && !get('libperl5.36');
        is(
            written($of, "$script=%s,%s", "in $language"),
            written($of, test_hook('moments') . '=%s,%s,s', 'in C'),
            "a hook in $language is told what one in C is"
        );
        my $unasked = spew(
            "$scripts/unasked.$suffix",
            $in_language{$language} =~ s/^(?:hook\.)?count_moments\(\);?\n//mr
        );
        my $late = spew(
            "$scripts/late.$suffix",
            $in_language{$language} =~ s/^((?:hook\.)?count_moments\(\);?\n)//mr =~
                s/(    (?:my \(\$calls|now))/    $1/r =~
                s/^ {8}/    @{[$language eq 'perl' ? 'count_moments();' : 'hook.count_moments()']}\n    /mr
        );
        for my $row (
            [$unasked, qr/moment: they are not counted: call count_moments\(\) while/],
            [$late, qr/count_moments: it is too late: call it while the hook's file is run/]
        ) {
            my ($wrong, $says) = @{$row};
            my $out = scratch('wrong') . '/out';
            my $replay = replay(
                $of->{slice},
                options => ['--hook', "$wrong=$of->{file},$out", '--hook-output', $out]);
            like($replay->{stderr}, $says, $wrong =~ s{.*/}{}r . ': it is told why');
            is($replay->{stdout}, $of->{run}{stdout}, 'and the replay goes on');
        }
    }
}

# ---- what comes with Crosscut ------------------------------------------------------------------

# What was said to each command of a debugger; before the first one, too.
sub dialogue {
    my ($language, $slice, @commands) = @_;
    my %with = (stdin => join('', map {"$_\n"} @commands, 'q'), timeout => 120);
    my $quiet = {TERM => 'dumb', PERL_RL => ' o=0', HOME => '/nonexistent'};
    return $language eq 'perl'
        ? split /  DB<+\d+>+ /,
        replay($slice, %with, env => $quiet, options => ['-d'])->{stderr}
        : split /\(Pdb\) /, replay($slice, %with, options => ['--pdb'])->{stdout};
}

# Of two moments.
sub later {
    my ($one, $other) = map { [split /\./] } @_;
    return $one->[0] > $other->[0] || ($one->[0] == $other->[0] && $one->[1] >= $other->[1]);
}

# `go` leads from each moment, with nothing else, to the line that belongs to it.
sub leads_there {
    my ($language, $of, $what, @wanted) = @_;
    my (undef, @answers) = dialogue($language, $of->{slice}, map {"go $_->[0]"} @wanted);
    my @wrong =
        grep { $answers[$_] !~ /\Q$of->{file}\E[:(]$wanted[$_][1]\)/ } 0 .. $#wanted;
    ok(@wanted && !@wrong, "$what: go leads to the line of each of " . @wanted)
        or diag(map {"go $wanted[$_][0]: $answers[$_]instead of line $wanted[$_][1]\n"} @wrong);
    return;
}

for my $language (qw(perl python)) {
    my $of = $run{$language}[0];
    my ($first) = (dialogue($language, $of->{slice}, 'when'))[1] =~ /(\d+\.\d+)/;
    my $total = $language eq 'perl' ? '$Shop::count' : 'Shop.add:self.total';
    for my $hook ('audit=out=%2$s', 'calltrace=out=%2$s', "whowrote=$total,out=%2\$s") {
        my ($name) = $hook =~ /^(\w+)/;
        my $text = written($of, $hook, "$language, $name");
        is(join('', grep { !/^\[\d+\.\d+\] / } split /^/, $text), '', 'each line has a moment');
     # Calls are told of where no statement begins; what came before the first stop is out of reach.
        my %line = $text =~ /^\[(\d+\.\d+)\] .*?(?<=[ \/])\Q$of->{file}\E:([1-9]\d*)\b/mg;
        leads_there(
            $language, $of, $name,
            map { [$_, $line{$_}] } grep { later($_, $first) } sort keys %line
        ) if $name ne 'calltrace';
    }
    my @records =
        map { decode_json($_) } split /\n/,
        run({}, command('cc-log'), 'dump', '--json', $of->{slice})->{stdout};
    my @calls = grep {
               $_->{type} eq 'call'
            && $_->{file} =~ m{(?:\A|/)\Q$of->{file}\E\z}
            && $_->{op}
            && $_->{line}
            && $_->{name} =~ /open/
            && $_->{sub} !~ /BEGIN/
    } @records;
    leads_there($language, $of, 'cc-log dump', map { [$_->{calls}, $_->{line}] } @calls);
    my $dump = run({}, command('cc-log'), 'dump', $of->{slice})->{stdout};
    is(
        join(' ', $dump =~ /^\[(\d+)\] /mg), join(' ', map { $_->{calls} } @records),
        'the text has the moments of --json'
    );
    my $beyond = join '', dialogue($language, $of->{slice}, 'go 99999999', 'when');
    like(
        $beyond, qr/terminated|ended with status 3/,
        'go to what is behind the end leads to the end'
    );
}

# ---- hooks of before ---------------------------------------------------------------------------

subtest 'a hook that was compiled with version 2 of hooks.h' => sub {
    my $dir = scratch('older');
    spew("$dir/older.c", <<'END');
#include <stdint.h>
#include <stdio.h>
struct hook { /* as version 2 had it */
	uint32_t version; const char *arguments; void *data;
	void (*statement)(void *, const char *, unsigned, const char *);
	void *code, *op, *enter, *leave, *exception, *host_call, *host_called;
	void (*end)(void *, int);
};
static unsigned long statements;
static void statement(void *data, const char *file, unsigned line, const char *sub) { statements++; }
static void end(void *data, int status) { fprintf(stderr, "%lu statements, status %d\n", statements, status); }
int cc_hook_load_2(struct hook *hook)
{
	hook->statement = statement;
	hook->end = end;
	fprintf(stderr, "version %u\n", hook->version);
	return 0;
}
END
    succeeds(run({dir => $dir}, qw(gcc -shared -fPIC -o older.so older.c)), 'is there');
    for my $language (qw(perl python)) {
        my $of = $run{$language}[0];
        my $replay = replay($of->{slice}, options => ['--hook', "$dir/older.so"]);
        like(
            $replay->{stderr}, qr/^version 2\n(?:.*\n)*\d\d+ statements, status 3$/m,
            "$language: it works, and is told which version it is"
        );
        is($replay->{status}, 3, 'and the run is the same');
    }
};

done_testing();
