# SPDX-License-Identifier: GPL-2.0-or-later
# What TAB does at the prompt of perl's debugger, as with Term::ReadLine::Gnu and PadWalker: commands
# at the beginning of a line, subs and variables of the program behind them. What perl5db knows by
# itself, by its db_complete: what `b`, `f`, `V` and `o` take, variables of packages.
## no critic (RequireFilenameMatchesPackage)
package Crosscut::Debugger;
use strict;
use warnings;
no warnings qw(once);

our %lexicals;    # from C: those that are in scope

# Those of perl5db that are words, or lead to words.
my @commands =
    qw(a A b B c d D disable e enable f h i l L m M man n o O p perldoc q r R rerun s S save
    source t T v V w W x X y);

my %words = (breaks => qq{ \t\n"\\'`\@\$%&><=;|{}()[],+*/!~?}, prefixes => '$@%&');

# A line, with what is asked meanwhile.
sub read_completing {
    my ($with) = @_;
    my $answer = request({request => 'readline', %{$with}, words => \%words});
    while (my $wanted = $answer->{complete}) {
        my @matches = eval { completions(@{$wanted}{qw(text before)}) };
        $answer =
            request({request => 'readline', %{$with}, words => \%words, matches => \@matches});
    }
    return $answer;
}

sub completions {
    my ($text, $before) = @_;
    local ($@, $!, $_, $/) = ('', 0, undef, "\n");
    my %found;
    if ($before =~ /\A\s*\z/ && $text =~ /\A\w*\z/) {
        $found{$_} = 1 for grep {/\A\Q$text/} @commands, own_commands();
        return keys %found if !length $text;
    }
    $found{$_} = 1 for names_like($text), DB::db_complete($text, $before . $text, length $before);
    delete @found{grep { is_ours($_) } keys %found};
    # Other packages, where there is nothing else.
    my @names = grep { !/::\z/ && (!/\A[\$\@%].*::/ || $text =~ /::/) } keys %found;
    return @names ? @names : keys %found;
}

# What the debugger has loaded, or made itself.
sub is_ours {
    my ($name) = @_;
    return $name =~ m{\A[\$\@%&]?(?:DB|Crosscut|dumpvar)::|/(?:crosscut-\w+|perl5db)[.]pl};
}

# Names that mean the same in every package.
my @everywhere = qw(@ARGV %ENV @INC %INC $ARGV %SIG);

# Lexicals, and these. A sigil is that of what is wanted: $list[0] is of @list.
sub names_like {
    my ($text) = @_;
    my ($sigil, $name) = $text =~ /\A([\$\@%])(\w*)\z/ or return;
    my %of = ('$' => '$@%', '@' => '@%', '%' => '%');
    return map {"$sigil$_"} grep {/\A\Q$name/}
        map { /\A([\$\@%])(\w+)\z/ && index($of{$sigil}, $1) >= 0 ? $2 : () } keys %lexicals,
        length $name ? @everywhere : ();
}

# In full, and by its last name what is in the package where the program is.
sub subs_like {
    my ($text) = @_;
    return grep {/\A\Q$text/} map { ($_, /\A\Q$DB::package\E::(\w+)\z/ ? $1 : ()) } keys %DB::sub;
}

1;
