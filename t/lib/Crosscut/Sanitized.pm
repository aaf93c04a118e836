# SPDX-License-Identifier: GPL-2.0-or-later
# A build with AddressSanitizer and UndefinedBehaviorSanitizer, which several tests share.
package Crosscut::Sanitized;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(sanitized_build sanitized_make);

my $build = 'build/asan';

# The directory, which a test names as `make` names it: O=DIR.
sub sanitized_build {
    return $build;
}

# Makes goals below that directory; tests at work at the same time wait for each other. What make
# printed if it failed, else nothing.
sub sanitized_make {
    my (@goals) = @_;
    my $flags = '-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all';

    # Not ours to inherit from a `make check` around us.
    delete local @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS O CFLAGS)};
    @goals = map {"$build/$_"} @goals;
    my $output =
        qx{mkdir -p $build; flock $build/.lock make -s O=$build CFLAGS='$flags' @goals 2>&1};
    return $? ? $output || "make: status $?\n" : undef;
}

1;
