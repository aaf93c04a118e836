#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# The debuggers of both languages where a run ended: at an exception that nothing caught, by a signal,
# by _exit; with all that its threads and tasks did then. And breakpoints in files that the run has
# yet to load, and this machine does not have.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Dialogue;
use Crosscut::Test;
use Test::More;

my $programs = programs() . '/ends';
my %files = map { s{\A\Q$programs\E/}{}r => slurp($_) }
    grep {-f} glob "$programs/* $programs/shop/* $programs/lib/Shop/*";
my @perl = qw(crash.pl killed.pl quits.pl app.pl);
my @python = qw(crash.py killed.py quits.py tasks.py app.py);
my $command = join '; ', (map {"perl $_"} @perl), (map {"python3 $_"} @python), 'true';
my $run = vm_record('ends', ['sh', '-c', $command], files => \%files);
is($run->{status}, 0, 'programs that end in all ways are recorded') or diag($run->{stderr});
my %slice = map { $_->{argv}[1] => $_->{slice} } grep { $_->{slice} } vm_slices($run->{log});

sub ends {
    my ($program, @rest) = @_;
    my $language = $program =~ /\.pl\z/ ? 'perl' : 'python';
    return dialogue($language, $slice{$program}, $program, @rest);
}

# ---- exceptions ----------------------------------------------------------------------------------

ends(
    'crash.pl' => 'an uncaught exception: one stands at the statement that died',
    ['c', qr/\Atoo much: 6\nThe program died here\. `c` leads to its end\.\n/, 18],
    ['T', qr/main::check\(3\) called from file 'crash\.pl' line 25\n/],
    ['p "$total $limit $price"', qr/\A6 2 3\n/],
    ['wl $total', 24],
    ['p $total', qr/\A3\n/],
    ['back', qr/\A(?!.*died here)/s, 18],
    ['rs', 17],
    ['c', qr/\AThe program died here/, 18],
    ['s', 8],
    ['c', qr/^Debugged program terminated/m],
    ['rr'],
    ['R', 6],
    ['c', qr/\AThe program died here/, 18],
    ['c', qr/^Debugged program terminated/m],
    ['back', 18],
);
ends(
    'crash.py' => 'an uncaught exception: one stands at the raise, alive',
    [
        'c',
        qr/\A\[1, 2\]\nUncaught exception\. Entering post mortem debugging\n/,
        19
    ],
    ['w', qr/\(35\)<module>\(\).*\(31\)main\(\).*\(12\)add\(\).*\(19\)check\(\)/s],
    ['p till.sum, limit, price', qr/\A\(10, 6, 4\)\n/],
    ['u', 12],
    ['p price', qr/\A4\n/],
    ['d', 19],
    ['wl till.sum', 10],
    ['p self.sum', qr/\A6\n/],
    ['back', 19],
    ['rs', 19],
    ['rs', 18],
    ['c', qr/Uncaught exception/, 19],
    ['rn', 19],
    ['s', qr/\AValueError: too much: 10\n/, 19],
    ['n', 21],
    ['c', qr/Uncaught exception/, 19],
    ['s', qr/\APost mortem debugger finished\. The \S+crash\.py will be restarted\n/, 2],
);

# ---- signals and _exit ---------------------------------------------------------------------------

ends(
    'killed.pl' => 'a run that was killed: the last moment before',
    ['c', qr/\ASIGKILL ended the program here\n/, 11],
    ['T', qr/main::end\(3\) called from file 'killed\.pl' line 15\n/],
    ['p "$count $here"', qr/\A4 4\n/],
    ['b 10'],
    ['c', qr/\ASIGKILL ended the program here\n/, 11],
    ['rc', 10],
    ['c', qr/\ASIGKILL ended the program here\n/, 11],
);
ends(
    'quits.pl' => '_exit: the last moment before',
    ['c', qr/\Athe program ended here, with status 4\n/, 7],
    ['p $here', qr/\A4\n/],
    ['rr', 9],
);
ends(
    'killed.py' => 'a run that was killed: the last moment, with all threads where they wait',
    ['c', qr/\A\*\*\* SIGKILL ended the program here\n/, 20],
    ['w', qr/\(26\)<module>\(\).*^> \S+\(20\)end\(\)/ms],
    ['p here', qr/\A4\n/],
    ['wl here', 17],
    ['back', qr/\A\*\*\* SIGKILL/, 20],
    ['b 13', qr/\ABreakpoint 1/],
    [
        'threads', qr/\A\* 1 MainThread: in kill\n/,
        qr/^  2 Thread-1 \(wait\): in clock_nanosleep\n/m
    ],
    [
        'threads',
        qr/^  3 Thread-2 \(wait\): (?:in sem_\w+, for the lock lock in wait\(\)|on its way into a host call)/m,
        12
    ],
    ['thread 3', qr/\A--Thread Thread-2 \(wait\)--\n/, 12],
    ['p seconds', qr/\A9\n/],
    ['w', qr/threading\.py.*^> \S+\(12\)wait\(\)/ms],
    ['n', qr/\A\*\*\* steps go on where the program is, .*: thread 1 first\n/],
    ['thread 9', qr/\A\*\*\* thread N: 1 to 3, /],
    ['thread', qr/\A\*\*\* thread N: 1 to 3, /],
    ['thread 1', qr/\A--Thread MainThread--\n/, 20],
    ['tasks', qr/\Aasyncio has no tasks here\n/],
    [
        'where all',
        qr/^  2 .*\n(?:.*\n)+.*\(13\)wait\(\)\n(?:.*\n)+  3 .*\n(?:.*\n)+.*\(12\)wait\(\)\n/m
    ],
    ['where some', qr/\A\*\*\* where, or where all\n/],
    ['rc', qr/\A--Thread Thread-1 \(wait\)--\n/, 13],
    ['threads', qr/^\* 2 Thread-1 \(wait\): at work\n/m],
    ['thread 1', qr/\A--Thread MainThread--\n> \S+threading\.py/],
);
ends(
    'quits.py' => '_exit: the last moment before',
    ['c', qr/\A\*\*\* the program ended here, with status 4\n/, 7],
    ['p here', qr/\A4\n/],
    ['rs', 7],
    ['rs', 6],
);

# ---- tasks ---------------------------------------------------------------------------------------

ends(
    'tasks.py' => 'tasks of asyncio, and for what each waits',
    ['tasks', qr/\Aasyncio has no tasks here\n/],
    ['b 15, item == 1', qr/\ABreakpoint/],
    ['c', 15],
    ['tasks', qr/\A  Task-1: waiting in Queue\.join\(\) of queue\n.*locks\.py\(\d+\)wait\(\)\n/],
    ['tasks', qr/^  w0: sleeping for 0\.02 s\n.*tasks\.py\(\d+\)sleep\(\)\n/m],
    ['tasks', qr/^\* w1: at work\n> .*\(15\)worker\(\)\n/m],
    ['where all', qr/\A\* 1 MainThread: at work\n.*\(30\)<module>/],
    [
        'where all',
        qr/^  w0: sleeping for 0\.02 s\n.*\(14\)worker\(\)\n.*\n.*\(7\)fetch\(\)\n.*\n.*sleep\(\)\n/m
    ],
    ['tbreak 26', qr/\ABreakpoint/],
    ['c', 26],
    ['tasks', qr/^  w[01]: waiting in Queue\.get\(\) of queue\n/m],
);

# ---- files that come later -----------------------------------------------------------------------

ends(
    'app.pl' => 'a breakpoint in a file that is loaded later, by the end of its path',
    [
        'b Till.pm:10 $price == 2',
        qr{\A\S+/lib/Shop/Till\.pm is loaded later: the breakpoint is set}
    ],
    ['b Shop/Till.pm:12', qr/is loaded later/],
    ['b Tll.pm:10', qr{\ATll\.pm: the run has no such file; it has \S+/lib/Shop/Till\.pm\n}],
    ['b zzz.pm:10', qr/\Azzz\.pm: the run has no such file\n/],
    ['c', qr/\ALine 12 of '\S+Till\.pm' not breakable\.\n/, qr/Till\.pm:10\)/],
    ['p $price', qr/\A2\n/],
    ['b lib/Shop/Till.pm:14'],
    ['c', qr/Till\.pm:14\)/],
    ['rc', qr/Till\.pm:10\)/],
);
ends(
    'app.py' => 'a breakpoint in a module that is imported later, by the end of its path',
    ['b till.py:7, price == 2', qr{\ABreakpoint 1 at /\S+/shop/till\.py:7\n}],
    ['b shop/till.py:8', qr/\A\*\*\* Blank or comment\n/],
    ['b till.py:99', qr/\AEnd of file\n/],
    ['b tll.py:7', qr{\A\*\*\* 'tll\.py': the run has no such file; it has \S+/shop/till\.py\n}],
    ['c', qr/till\.py\(7\)add/],
    ['p price', qr/\A2\n/],
    ['l', qr/^  7 B->\t +self\.sum \+= price\n/m],
    ['b app.py:8', qr{\ABreakpoint 2 at /\S+/app\.py:8\n}],
    ['clear till.py:7', qr/\ADeleted breakpoint 1/],
    ['c', 8],
);
my $pdb = 'next(o for o in __import__("gc").get_objects() if type(o).__name__ == "Pdb")';
ends(
    'app.py' =>
        'a request for files that names none is answered by nothing, and the session goes on',
    [qq{p $pdb.ask({"request": "sources"})}, qr/\A\{\}\n/],
    [qq{p $pdb.ask({"request": "sources", "end": 7})}, qr/\A\{\}\n/],
    ['n', 3],
);

done_testing;
