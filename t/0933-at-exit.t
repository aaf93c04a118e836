#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Output that comes when a program is over, as what it has not written is flushed and its objects
# are destroyed, is that of the line that ended it: in cc-log dump, and for hooks.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use JSON::PP qw(decode_json);
use Test::More;

# Programs, and which line ends them.
my @programs = (
    ['exit in a sub', 3, <<'END'],
print "some\n";
sub leave { my ($status) = @_;
    exit $status }
leave(3);
print "never\n";
END
    ['the last line', 4, <<'END'],
our $guard = bless [], 'Guard';
sub Guard::DESTROY { print "destroyed\n" }
open OUT, '>', 'out';
print OUT "some\n";
sub unused { 1 }
END
    ['die', 3, <<'END'],
print "some\n";
sub fails {
    die "no\n" }
fails();
END
    ['exit in an eval', 1, <<'END', '(eval 1)'],
print "some\n";
eval { eval 'exit 3' };
print "never\n";
END
    ['exit in a file', 2, <<'END', 'lib.pl'],
print "some\n";
require './lib.pl';
print "never\n";
END
    ['an END block', 2, <<'END'],
END { print "end\n" }
exit 3;
END
    ['exit in an END block', 1, <<'END'],
END { exit 4 if $some }
print "some\n";
$some = 1;
END
);

my %files = ('lib.pl' => "print qq{in it\\n};\nexit 5;\n");
my $shell = '';
for my $i (0 .. $#programs) {
    $files{"$i.pl"} = $programs[$i][2];
    $shell .= "perl $i.pl\n";
}
my $run = vm_record('at-exit', ['sh', 'run.sh'], files => {%files, 'run.sh' => $shell});
my %slice =
    map { ($_->{argv}[1] // '') => $_->{slice} } grep { $_->{slice} } vm_slices($run->{log});

for my $i (0 .. $#programs) {
    my ($title, $line, undef, $file) = @{$programs[$i]};
    $file //= "$i.pl";
    subtest $title => sub {
        my $slice = $slice{"$i.pl"} or return fail('it is sliced');
        my $dump = run({}, command('cc-log'), 'dump', '--json', $slice);
        my @calls = grep { $_->{type} eq 'call' } map { decode_json($_) } split /\n/,
            $dump->{stdout};
        my ($last) = grep { $calls[$_]{name} eq 'write' } reverse 0 .. $#calls;
        my $from = $calls[$last]{file} =~ s{^\./}{}r;
        is("$from:$calls[$last]{line}", "$file:$line", 'cc-log dump tells the line');
        my @rest = grep { $_->{file} && !$_->{line} } @calls[$last .. $#calls];
        is(scalar @rest, 0, 'and that of all that comes later');
        my $out = scratch('hook') . '/out';
        my $replay = replay(
            $slice,
            options => [
                '--hook', test_hook('events') . "=file=$file,arguments,to=$out", '--hook-output',
                $out
            ]);
        isnt($replay->{status}, 125, 'the replay is the same') or diag($replay->{stderr});
        my ($place) = slurp($out) =~ /.*^host_call write .* at (.+)\nhost_called write /ms;
        is($place, "$file:$line", 'a hook is told the same') if $i != 1;
    };
}

# A python writes most of it when its main program has no frame any more.
for my $row (
    ['sys.exit in a function', 5, <<'END'],
import sys
log = open('log', 'w')
log.write('some')
print('some')
def leave(status): sys.exit(status)
leave(3)
END
    ['the last line', 5, <<'END'],
import json
log = open('log', 'w')
log.write(json.dumps('some'))
if log:
    print('some')
END
    ['an exception, behind one that was handled', 8, <<'END'],
log = open('log', 'w')
log.write('some')
def fails(value):
    try:
        raise KeyError(value)
    except KeyError:
        print('handled')
    raise ValueError(value)
fails(3)
END
) {
    my ($title, $line, $source) = @{$row};
    subtest "python: $title" => sub {
        my ($run, $slice) = live_record('ends', [], language => 'python', source => $source);
        my $dir = scratch('python');
        same(
            replay($slice, dir => $dir, options => ['--hook', 'audit']), $run,
            'the replay is the same'
        );
        like(
            slurp("$dir/audit.txt"),
            qr/^\[\d+\.\d+\] \S*ends\.py:$line \S+: close "log": 0 bytes read, \d written$/m,
            'what it flushes and closes at its end is of the line that ended it'
        );
        my $out = "$dir/events";
        replay(
            $slice,
            options =>
                ['--hook', test_hook('events') . "=file=ends.py,to=$out", '--hook-output', $out]);
        my ($last) = slurp($out) =~ /.*^host_call write at (\S+)\n/ms;
        is($last, "ends.py:$line", 'the last that it writes, too');
    };
}

done_testing();
