# SPDX-License-Identifier: GPL-2.0-or-later
# As events.c, in Perl: writes the same lines. Arguments: FILE,TO
use strict;
use warnings;

use Crosscut::Hook qw(arguments call_arguments frame on result stack);

my ($only, $to) = split /,/, arguments();
open my $out, '>', $to or die "$to: $!\n";

sub base { my ($file) = @_; return $file =~ s{.*/}{}r }

sub is_wanted { my ($file) = @_; return base($file) eq $only }

sub is_call_wanted { my ($call) = @_; return is_wanted($call->{file} || $call->{caller}{file}) }

# Where the program is, if that is in its file.
sub place { my ($frame) = frame(); return $frame && is_wanted($frame->{file}) ? $frame : () }

sub written {
    my ($frame) = @_;
    return base($frame->{file}) . ":$frame->{line}";
}

on statement => sub {
    my ($file, $line, $sub) = @_;
    print {$out} 'statement ', base($file), ":$line in $sub\n" if is_wanted($file);
};
on enter => sub {
    my ($call) = @_;
    return if !is_call_wanted($call);
    print {$out} "enter $call->{sub} ", written($call), ' from ', written($call->{caller}), " $call->{caller}{sub} |",
        (map { ' ' . written($_) . " $_->{sub};" } stack()), "\n";
};
on leave => sub {
    my ($call, $unwound) = @_;
    print {$out} "leave $call->{sub}", $unwound ? ' unwound' : '', "\n" if is_call_wanted($call);
};
on exception => sub {
    my ($class, $text) = @_;
    my $frame = place() or return;
    print {$out} "exception $class: $text at ", written($frame), "\n";
};
on host_call => sub {
    my ($name) = @_;
    my $frame = place() or return;
    print {$out} "host_call $name at ", written($frame), "\n";
};
on host_called => sub {
    my ($name) = @_;
    my $frame = place() or return;
    my ($result, $error) = result();
    print {$out} "host_called $name = ", $result =~ /\A-?\d+\z/ ? $result : "\"$result\"", " $error\n";
};
on end => sub {
    my ($status) = @_;
    print {$out} "end $status\n";
    close $out;
};

1;
