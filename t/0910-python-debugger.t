#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# pdb on a past run: its own commands as on the program itself, and to and fro in time.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use File::Copy qw(copy);
use Test::More;

my $python = '/usr/bin/python3.11';
my %env    = (
    PATH                    => '/usr/bin:/bin',
    HOME                    => '/nonexistent',
    LANG                    => 'C.UTF-8',
    PYTHONHASHSEED          => 0,
    PYTHONDONTWRITEBYTECODE => 1,
);

# A program of t/programs/traced as program.py in a directory of its own, recorded: that, and the run.
sub recorded {
    my ($name) = @_;
    my $dir = scratch($name);
    copy(programs() . "/traced/$name.py", "$dir/program.py") or die "$name: $!";
    my $run = record_natively("$dir/slice.pylog", {dir => $dir, only_env => {%env}}, 'program.py');
    is($run->{status}, 0, 'it runs') or diag($run->{stderr});
    return ($dir, $run);
}

# ---- as on the program itself ------------------------------------------------------------------

my @scripts = (
    ['breakpoints, looking around, stepping', <<'END'],
b 9
c
p price, count, cost
w
u
p name, items
d
n
s
r
c
p self.total
tbreak 22
b 13, i == 2
c
p i
pp locals()
cl 1
c
p text if 'text' in dir() else 0
n
n
whatis squares
a
l
c
END
    ['into functions and out of them', <<'END'],
b main
c
n
n
n
n
s
s
n
until
r
n
w
c
END
    ['commands, conditions, ignore, disable, tbreak', <<'END'],
b 9
commands 1
silent
p price, count
cont
end
b 23
c
b
ignore 1 1
condition 1 price > 3
disable 1
b
enable 1
tbreak 15
b
clear 2
c
END
    ['variables, attributes, display, source', <<'END'],
b 8
c
a
l
ll
l 1, 5
whatis price
whatis self
whatis Shop
whatis main
pp locals()
p self.name, self.total, self.__dict__
p vars
display price
display self.total
c
undisplay price
c
source Shop.add
u
p shop.total
p undefined_name
pp items
d
r
retval
c
END
    ['exceptions', <<'END'],
b 21
c
n
n
p error
p type(error), error.args, str(error)
n
p text
p 'error' in dir()
s
c
END
    ['generators', <<'END'],
b gen
c
s
n
n
n
s
r
w
until
until 13
c
c
END
    ['statements, aliases, help', <<'END'],
n
n
!y = 5
p y
alias pi pp items
b 19
c
pi
p [x * 2 for x in range(3)]
p len(items), sorted(items), {k: v for k, v in items.items()}
for k in items: print(k)
unalias pi
pi
help n
p __name__
bt
d
c
END
    ['words in full, from the first line', <<'END'],
step
step
step
list .
tbreak 18
continue
step
step
next
return
next
next
where
longlist
up
list
args
continue
END
);

# Below the main program there is nothing in a replay, and it ends once. Addresses are the run's.
sub comparable {
    my ($text) = @_;
    $text =~ s/^(?:\(Pdb\) )?The program finished and will be restarted\n.*//ms;
    $text =~ s/^(\(Pdb\) )?  \S+bdb\.py\(\d+\)run\(\)\n-> exec.*\n  <string>\(1\)<module>\(\)\n/$1 \/\/ ''/mge;
    return $text =~ s/ at 0x[0-9a-f]+>/>/gr;
}

subtest 'pdb on a past run is as pdb on the program' => sub {
    my ($dir) = recorded('shop');
    for my $row (@scripts) {
        my ($title, $commands) = @{$row};
        my $native = run({dir => $dir, only_env => {%env}, stdin => $commands}, $python, '-m', 'pdb', 'program.py');
        my $replay = replay("$dir/slice.pylog", dir => $dir, stdin => $commands, options => ['--pdb']);
        same({%{$replay}, stdout => comparable($replay->{stdout})},
            {%{$native}, stdout => comparable($native->{stdout})}, $title);
    }
};

done_testing;
