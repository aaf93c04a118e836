#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# What the C library and the dynamic linker read is the run's, also when the run made it: locales,
# messages, code for character sets, modules, libraries.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Test::More;

sub build_library {
    my ($from, $to, @options) = @_;
    my $source = programs() . "/made/$from.c";
    return succeeds(
        run({}, qw(cc -shared -fPIC -o), $to, $source, @options),
        basename_of($to) . ' is built'
    );
}
sub basename_of { my ($path) = @_; return $path =~ s{.*/}{}r }

sub libraries {
    my ($work) = @_;
    my $to = "$work/libraries";
    mkdir $to or die "$to: $!";
    build_library('inner', "$to/libinner.so");
    build_library('inner', "$to/three.so", '-DFACTOR=3');
    build_library('outer', "$to/outer.so", "-L$to", '-linner', '-Wl,-rpath,$ORIGIN');
    return;
}

# Only the run puts them where the C library looks.
sub locales {
    my ($work) = @_;
    mkdir "$work/sources" or die "$work: $!";
    run(
        {timeout => 120}, qw(localedef --no-archive -f ISO-8859-2 -i),
        $_, "$work/sources/$_"
    ) for qw(de_DE pl_PL);
    return;
}

my @rows = ({
        title => 'modules, copied and replaced',
        name => 'made-modules',
        prepare => \&libraries,
        children => 1
    },
    {title => 'a module of perl, copied', name => 'made-modules', language => 'perl'});
if (-d '/usr/share/i18n/locales') {
    push @rows, {
        title => 'locales and messages',
        name => 'made-locales',
        files => messages(),
        prepare => \&locales
        },
        {title => 'locales of perl', name => 'made-locales', language => 'perl'};
}
else {
    diag('the package locales is not installed: no locale is made');
}

# One message, by the format that gettext's manual describes: it stands there before the run.
sub messages {
    my ($from, $to) = ('hello', 'dobry');
    my $content = pack 'L<7 L<2 L<2 Z* Z*', 0x950412de, 0, 1, 28, 36, 0, 44, length $from, 44,
        length $to, 44 + length($from) + 1, $from, $to;
    return {'before/xx/LC_MESSAGES/game.mo' => $content};
}

sub in_group {
    my ($row) = @_;
    my $perl = ($row->{language} // '') eq 'perl';
    my $file = $row->{name} . ($perl ? '.pl' : '.py');
    my $content = slurp(programs() . ($perl ? "/$file" : "/python/$file"));
    return {
        language => 'python',
        %{$row},
        interpreter => [$file],
        files => {$file => $content, %{$row->{files} // {}}},
        group => 1
    };
}

vm_group('made', map { in_group($_) } @rows);

done_testing;
