# SPDX-License-Identifier: GPL-2.0-or-later
# An expression of the user's, evaluated in a throwaway copy where the program is. This is called
# from C as if by the program's statement (runtimes/perl/debug/debuggee.c), and from package DB: so
# it sees the program's lexicals. It must have none of its own, and load nothing: it may be done a
# thousand times.
## no critic (ProhibitStringyEval, RequireFilenameMatchesPackage, RequireUseStrict)
## no critic (RequireUseWarnings)
package DB;

sub crosscut_evaluate {
    @Crosscut::Debugger::values = $Crosscut::Debugger::what eq 'condition'    # as perl5db has it
        ? eval
        "no strict; package ${\ scalar caller};\n1 if do {$Crosscut::Debugger::expression};\n"
        : eval "no strict; package ${\ scalar caller};\n$Crosscut::Debugger::expression;\n";
    $Crosscut::Debugger::failed = $@;
    return;
}

package Crosscut::Debugger;

our (@values, $failed, $what);

sub evaluated {
    return {error => "$failed"} if $failed ne '';
    return {holds => $values[-1] ? 1 : 0} if $what eq 'condition';
    return {value => q(') . join(q(', '), map { defined ? $_ : '' } @values) . q(')}
        if $what eq 'watched';
    return {values => [map { defined ? "$_" : undef } @values]};
}

1;
