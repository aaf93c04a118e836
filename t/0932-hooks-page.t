#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/hooks.md: a first hook is written from the page alone, built and run as it says, and what it
# says of the interface is what the header has.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Crosscut::Test;
use Cwd qw(abs_path);
use Test::More;

my $root = abs_path("$FindBin::Bin/..");
my $page = slurp("$root/doc/hooks.md");
my $header = slurp("$root/core/replay/hooks.h");

# ---- what is installed -------------------------------------------------------------------------

my $prefix = scratch('installed') . '/usr';
succeeds(
    run({dir => $root, timeout => 300}, qw(make -s install), "PREFIX=$prefix", 'O=' . build()),
    'make install'
) or BAIL_OUT('nothing can be tried');
my %env = (PATH => "$prefix/bin:$ENV{PATH}", PKG_CONFIG_PATH => "$prefix/lib/pkgconfig");

# ---- first hooks -------------------------------------------------------------------------------

my $dir = scratch('first');
my %run;
for my $language (qw(perl python)) {
    my ($suffix, $kind) = $language eq 'perl' ? qw(pl plog) : qw(py pylog);
    my ($run, $slice) = live_record(
        'shop', [], language => $language, files => {input => "one line\n"},
        source => slurp(programs() . "/hooked/shop.$suffix"));
    is($run->{status}, 3, "a run of $language");
    spew("$dir/slice.$kind", slurp($slice));
    $run{$language} = $run;
}

# The page's blocks of a language, and those of its commands that name such a file.
sub blocks { my ($language) = @_; return $page =~ /^```$language\n(.*?)^```$/msg }
sub commands { my ($file) = @_; return $page =~ /^    (.*\b\Q$file\E\b.*)$/mg }

my ($example) = grep {/^int cc_hook_load.*\n\{/m} blocks('c');
spew("$dir/first.c", $example);
spew("$dir/first.pl", (blocks('perl'))[0]);
spew("$dir/first.py", (blocks('python'))[0]);

my ($compile) = grep {/^cc /} commands('first.c');
my $made = run({dir => $dir, env => \%env}, 'sh', '-c', $compile);
succeeds($made, $compile);
is($made->{stderr}, '', 'without a warning');
$compile =~ s/^cc /cc -Wall -Wextra -Wno-unused-parameter -Werror /;
succeeds(run({dir => $dir, env => \%env}, 'sh', '-c', $compile), '... even if asked for some');

sub told {
    my ($language, $command) = @_;
    my $replay = run({dir => $dir, env => \%env}, 'sh', '-c', $command);
    is_deeply(
        [@{$replay}{qw(stdout status)}], [@{$run{$language}}{qw(stdout status)}],
        "$command: the run is the same"
    ) or diag($replay->{stderr});
    my @lines = grep { !/^\[\d+\.\d+\] .+ from .*:\d+$/ } split /\n/, $replay->{stderr};
    is("@lines", '', 'each line is as the page has it');
    return $replay->{stderr};
}

my ($in_c) = grep {/perl-replay/} commands('first.so');
my $perl = told('perl', $in_c);
like($perl, qr/^\[\d+\.\d+\] Shop::add from shop\.pl:\d+$/m, 'it tells of the program');
my $python = told('python', $in_c =~ s/perl-replay/python-replay/r =~ s/\.plog/.pylog/r);
like($python, qr/^\[\d+\.\d+\] Shop\.add from \S*shop\.py:\d+$/m, 'of a python, too');
SKIP: {
    skip 'the package libperl5.36 is not installed and cannot be', 1 if !get('libperl5.36');
    is(told('perl', commands('first.pl')), $perl, 'the one in Perl tells the same');
}
is(told('python', commands('first.py')), $python, 'and so does the one in Python');

# ---- the interface -----------------------------------------------------------------------------

my @events = $page =~ /^void \(\*(\w+)\)\(/mg;
my ($struct) = $header =~ /^struct cc_hook \{(.*?)^\};/ms;
is_deeply(
    [sort @events], [sort $struct =~ /\(\*(\w+)\)\(/g],
    'the page has the signature of each function of a hook'
);
my ($questions) = grep {/^int cc_hook_frame\(/m} blocks('c');
is_deeply(
    [sort $questions =~ /\b(cc_hook_\w+)\(/g],
    [sort $header =~ /^(?:int |void |pid_t |const char \*)(cc_hook_\w+)\(/mg],
    'and of each that it calls'
);

# Each declaration of the page, where the header is included: another type is an error.
my ($functions) = grep {/^void \(\*statement\)/m} blocks('c');
my ($structs) = grep {/^struct cc_hook_moment \{/m} blocks('c');
my %members = $structs =~ /^struct (\w+) \{((?:[^\n]+(?= \};$)|\n.*?^(?=\};$)))/msg;
my $same = '';
for my $name (sort keys %members) {
    my $body = $members{$name} =~ s{/\*.*?\*/}{}gsr;
    my @equal = ("sizeof(struct page_$name) == sizeof(struct $name)");
    push @equal, map {"offsetof(struct page_$name, $_) == offsetof(struct $name, $_)"}
        map { /(\w+)\s*\z/ ? $1 : () } split /[;,]/, $body;
    $same .= join "\n", "struct page_$name {$body};",
        map {qq{_Static_assert($_, "$name");\n}} @equal;
}
is(scalar keys %members, 5, 'the page shows the structs');
my $declared = $questions =~ s/^int cc_hook_load.*\n//mr;
my $set = join '', map {"\thook->$_ = $_;\n"} @events;
spew(
    "$dir/page.c",
    "#include <crosscut/hooks.h>\n$declared"
        . ($functions =~ s/^void/static void/mgr)
        . "int cc_hook_load(struct cc_hook *hook)\n{\n${set}\treturn 0;\n}\n$same"
);
my $agrees = run(
    {dir => $dir, env => \%env}, 'sh', '-c',
    'cc -Wall -Wextra -Werror -c $(pkg-config --cflags crosscut) page.c'
);
succeeds($agrees, 'and all have the types that the header has');

done_testing();
