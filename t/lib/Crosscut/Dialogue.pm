# SPDX-License-Identifier: GPL-2.0-or-later
# Dialogues with the debuggers of both languages: what is typed, and what is answered.
package Crosscut::Dialogue;
use strict;
use warnings;

use Crosscut::Test;
use Exporter qw(import);
use Test::More;

our @EXPORT = qw(dialogue said);

# perl5db writes to stderr, and numbers its prompts.
my %debuggers = (
    perl => {option => '-d', stream => 'stderr', prompt => qr/  DB<+\d+>+ /},
    python => {option => '--pdb', stream => 'stdout', prompt => qr/\(Pdb\) /},
);

# What was said to each command; before the first one, too.
sub said {
    my ($language, $slice, @commands) = @_;
    my $debugger = $debuggers{$language};
    my $replay = run({
            dir => scratch('debug'), stdin => join('', map {"$_\n"} @commands, 'q'),
            env => {TERM => 'dumb', PERL_RL => ' o=0', HOME => '/nonexistent'}, timeout => 120
        },
        command("cc-$language-replay"),
        $debugger->{option},
        $slice
    );
    return split $debugger->{prompt}, $replay->{$debugger->{stream}}, -1;
}

# A dialogue in a subtest of its own: each command, with what it is answered. A number stands for
# the line of `program` where one is then.
sub dialogue {
    my ($language, $slice, $program, $name, @turns) = @_;
    return subtest "$language: $name" => sub {
        my (undef, @answers) = said($language, $slice, map { $_->[0] } @turns);
        for my $turn (@turns) {
            my ($command, @wanted) = @{$turn};
            my $answer = shift @answers // '';
            for my $wanted (@wanted) {
                my $place =
                    $language eq 'perl' ? qr/\Q$program\E:$wanted\)/ : qr/\Q$program\E\($wanted\)/;
                my $pattern = ref $wanted ? $wanted : $place;
                like($answer, $pattern, "$command: " . ($wanted =~ s/\A\(\?\^:(.*)\)\z/$1/r));
            }
        }
    };
}

1;
