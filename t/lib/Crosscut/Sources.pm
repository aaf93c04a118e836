# SPDX-License-Identifier: GPL-2.0-or-later
# The project's own sources, for tests of how they are written.
package Crosscut::Sources;
use strict;
use warnings;

use Exporter qw(import);
use File::Find qw(find);
use FindBin;

our @EXPORT = qw(sources);

# The files below these directories of the project whose names match: {path => text}. Programs that
# tests and benches run are none of them, nor is what running tests have made.
sub sources {
    my ($names, @directories) = @_;
    my $root = "$FindBin::Bin/..";
    my %text;
    my $take = sub {
        my $path = s{\A\Q$root\E/}{}r;
        return if !/$names/ || $path =~ m{/programs/|\At/tmp/};
        open my $file, '<', $_ or die "$_: $!\n";
        local $/ = undef;
        $text{$path} = <$file>;
    };
    find({wanted => $take, no_chdir => 1}, map {"$root/$_"} @directories);
    return \%text;
}

1;
