# SPDX-License-Identifier: GPL-2.0-or-later
package Crosscut::Hook;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK =
    qw(arguments call_arguments count_moments fail frame moment on past prefix process result stack
    variable);

# What is to be called, by event. Told are the events of hooks.h, under the same names.
our %listeners = map { $_ => [] } qw(statement op enter leave exception host_call host_called forked
    end);

my $arguments = '';

# What stands behind `=` in --hook, while the file is run.
sub arguments { return $arguments }

# on EVENT => sub { … }
#   statement    file, line, sub                a statement is about to run
#   op           name                           so is an op: costs more than all the others
#   enter        {sub, file, line, caller => {file, line, sub}}   file '', line 0: a sub in C
#   leave        the same, and whether it was left by an exception, exit or a jump
#   exception    class ('' for a plain message), text
#   host_call    name, ordinal                  a call into the C library is about to be served
#   host_called  name, ordinal                  it was
#   forked       process                        a forked child's own run begins, in its fork: who listens to
#                                               this is also told of its past, which is its parent's
#   end          status; minus the signal that killed it
sub on {
    my ($event, $function) = @_;
    my $list = $listeners{$event} or die "Crosscut::Hook: there is no event $event\n";
    push @{$list}, $function;
    return;
}

# {file, line, sub} of where the program is, or of its caller at that depth; nothing: there are not
# so many.
sub frame { my ($depth) = @_; return _frame($depth // 0) }

# All frames, the innermost first.
sub stack {
    my @frames;
    while (my ($frame) = _frame(scalar @frames)) {
        push @frames, $frame;
    }
    return @frames;
}

# A variable as that frame sees it: '$x', '@list', '%h', '$Package::x', '$x->{key}[2]'. A copy;
# lists and hashes as references; objects as Crosscut::Hook::Object. Nothing when there is none.
sub variable { my ($name, $depth) = @_; return _variable($name, $depth // 0) }

# In host_call and host_called: name => value of the call's arguments.
sub call_arguments {
    my @found;
    while (my @argument = _argument(@found / 2)) {
        push @found, @argument;
    }
    return @found;
}

# In host_called: what the call returned, and errno if it failed (else 0).
sub result { return _result() }

# past: is what happens now the past of a forked child? process: the number that the process which
# runs had in the run; in a forked child's past it is its parent's. prefix: what each line that is
# written is to begin with: "[pid 75] " where --show-process is given, else ''. (All in C.)

# count_moments(), while the file is run: moment will be asked. Events are counted from the beginning
# on then, which takes a little time at each of them. (In C.)

# When that is, as prints and the debuggers have it: "1234.56". In list context the two numbers: how
# many host calls are over, and how many events came since the last.
sub moment {
    my @moment = _moment();
    return wantarray ? @moment : join '.', @moment;
}

# fail("NAME: FILE: $!"): what was to be found out is not whole. The replay goes on; at its end this
# is said, and its status is 125. (In C.)

# A hook cannot end the replay.
sub _exit { die "exit in a hook\n" }

# A line break in a name does not end the line (logs/text.h).
sub unescaped {
    my ($text) = @_;
    my %character = (n => "\n", t => "\t");
    return $text =~ s/\\(.)/$character{$1} \/\/ $1/gser;
}

# Runs the files of the options: lines hook=FILE, \037, arguments; temporary=, a directory that may
# be written to; path=, and a directory a line.
sub begin {
    my ($options) = @_;
    my ($hooks, $path) = split /^path=/m, $options, 2;
    push @INC, map { unescaped($_) } grep {length} split /\n/, $path // '';
    $ENV{TMPDIR} = unescaped($1) if $hooks =~ /^temporary=(.*)/m;
    no warnings 'once';
    *CORE::GLOBAL::exit = \&_exit;
    for my $line (map { /^hook=(.*)/ ? $1 : () } split /\n/, $hooks) {
        (my $file, $arguments) = split /\037/, unescaped($line), 2;
        next if defined do $file;
        die "--hook $file: $@" if $@;
        die "--hook $file: $!\n" if !-r $file;
    }
    return;
}

package Crosscut::Hook::Object;

sub class { my ($self) = @_; return $self->{class} }
sub address { my ($self) = @_; return $self->{address} }
sub value { my ($self) = @_; return $self->{value} }

1;
