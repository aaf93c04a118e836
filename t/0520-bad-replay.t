#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# A replay is re-execution: a forged log shows in its output or is reported, and a hook sees every
# statement run.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

my $root = "$FindBin::Bin/..";
my $dir = scratch('tampering');
my $tamper = test_tool('tamper-plog');

# A program that reads a file by lines, computes, and prints; recorded natively.
my $program = <<'END';
use strict;
use warnings;

my ($sum, %count) = (0);
sub score {
    my ($word) = @_;
    return length $word if $word !~ /e/;
    return 2 * length $word;
}
open my $in, '<', 'input' or die "input: $!";
while (my $line = <$in>) {
    for my $word (split ' ', $line) {
        $sum += score($word);
        $count{$word}++;
    }
}
close $in or die "input: $!";
my @late;
for my $word (sort keys %count) {
    push @late, $word if $count{$word} > 1;
}
my @all  = sort keys %count;
my $size = -s 'input';
my $time = 0;
for (1 .. 3) {
    $time += time;
    unlink 'nothing';
}
print "sum $sum, more than once: @late, all: @all\n";
print "$size bytes at $time\n";
exit 4;
END
my $input = join '', map {"first$_ second$_ the third$_\n"} 1 .. 20;
my ($run, $slice) = live_record('words', [], source => $program, files => {input => $input});
is($run->{status}, 4, 'a program is recorded');
same(replay($slice), $run, 'its replay is the same');

sub forge {
    my ($how, $what) = @_;
    my $forged = "$dir/$how-" . $what =~ s/\W/_/gr . '.plog';
    succeeds(run({}, $tamper, $slice, $forged, $how, $what), "forged: $how $what");
    my $verified = run({}, command('cc-log'), 'verify', $forged);
    is($verified->{status}, 0, 'its checksums are right') or diag($verified->{stderr});
    return replay($forged);
}

# Divergence: said in one line with what, where, and status 125.
sub diverges {
    my ($result, $name) = @_;
    my $ok = is($result->{status}, 125, "$name: status 125");
    $ok &= like(
        $result->{stderr},
        qr/^cc-perl-replay: .*diverged at call \d+ .*\n\z/,
        "$name: and a line says where"
    );
    diag("$result->{stdout}$result->{stderr}") if !$ok;
    return;
}

for my $text ('first1 ', 'first7 ', "third20\n") {
    my $result = forge('flip', $text);
    isnt(
        $result->{stdout} . $result->{stderr},
        $run->{stdout} . $run->{stderr},
        'one changed byte of what was read is noticed'
    );
    is($result->{status}, 125, 'a write that the log does not hold is reported');
}
diverges(forge('swap', 'read'), 'two host calls swapped');
diverges(forge('swap', 'time'), 'a call of time and its neighbour swapped');
diverges(forge('drop', 'time'), 'a call left out');
isnt(forge('status', '5')->{status}, 4, 'another exit status at the end is noticed');

# Another interpreter's log, and options that are not there.
my $wrong = replay(spew("$dir/not-a.plog", 'not a log'));
is($wrong->{status}, 125, 'a file that is no log: status 125');
like($wrong->{stderr}, qr/\Acc-perl-replay: \S+not-a\.plog: .*\n\z/, 'and a line says so');
$wrong = replay("$dir/missing.plog");
is($wrong->{status}, 125, 'a log that is missing: status 125');
like(
    $wrong->{stderr},
    qr/\Acc-perl-replay: \S+missing\.plog: .*No such file.*\n\z/,
    'and a line says so'
);

# A hook sees what perl's own debugger interface sees: every statement, in order, and "use" as well.
my $hook = "$dir/statements.so";
succeeds(
    run({dir => $root}, qw(gcc -shared -fPIC -I.), '-o', $hook, 't/programs/statements.c'),
    'a hook in C is compiled'
);
my $hooked = replay($slice, options => ['--hook', $hook]);
is($hooked->{status}, 4, 'the run with the hook ends as it did');
is($hooked->{stdout}, $run->{stdout}, 'and prints the same');
my @seen = grep { $_ > 2 } map { /^words\.pl:(\d+)$/ ? $1 : () } split /\n/, $hooked->{stderr};
my $native = scratch('native');
spew("$native/words.pl", $program);
spew("$native/input", $input);
my $debugger = <<'END';
sub DB::DB {
    my (undef, $file, $line) = caller;
    print {*STDERR} "$line\n" if $file eq 'words.pl';
    return;
}
END
my $traced = run({dir => $native, env => {PERL5DB => $debugger}}, qw(perl -d words.pl));
my @should = grep { $_ > 2 } split /\n/, $traced->{stderr};
cmp_ok(scalar @seen, '>', 200, 'the hook sees statements');
is_deeply(\@seen, \@should, 'it sees each statement that perl runs, in order');
like($hooked->{stderr}, qr/^\d\d+ host calls$/m, 'and the host calls');

# A hook that cannot be loaded or does not want to.
$wrong = replay($slice, options => ['--hook', "$dir/none.so"]);
is($wrong->{status}, 125, 'a hook that is missing: status 125');
like($wrong->{stderr}, qr/\Acc-perl-replay: .*none\.so.*\n\z/, 'and a line says so');

done_testing;
