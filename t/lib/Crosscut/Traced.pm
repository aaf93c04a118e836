# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of t/programs/traced: recorded, and looked at with tracers and pdb.
package Crosscut::Traced;
use strict;
use warnings;

use Crosscut::Test;
use Exporter qw(import);
use File::Copy qw(copy);
use Test::More;

our @EXPORT = qw(answers debugged recorded traced_environment);

# A run of it without a replay is to have the same, or it is another one.
sub traced_environment {
    return {
        PATH => '/usr/bin:/bin',
        HOME => '/nonexistent',
        LANG => 'C.UTF-8',
        PYTHONHASHSEED => 0,
        PYTHONDONTWRITEBYTECODE => 1,
    };
}

# One of them as program.py in a directory of its own, recorded: that, and the run.
sub recorded {
    my ($name, $status, @arguments) = @_;
    my $dir = scratch($name);
    copy(programs() . "/traced/$name.py", "$dir/program.py") or die "$name: $!";
    my $run = record_natively(
        "$dir/slice.pylog", {dir => $dir, only_env => traced_environment()},
        'program.py', @arguments
    );
    is($run->{status}, $status // 0, 'it runs') or diag($run->{stderr});
    return ($dir, $run);
}

# pdb on the run that is there; with options of replay().
sub debugged {
    my ($dir, $with, @commands) = @_;
    return replay(
        "$dir/slice.pylog", dir => $dir, stdin => join('', map {"$_\n"} @commands),
        options => ['--pdb'], %{$with});
}

# What was printed behind each prompt; before the first one too.
sub answers { my ($replay) = @_; return split /\(Pdb\) /, $replay->{stdout}, -1 }

1;
