# SPDX-License-Identifier: GPL-2.0-or-later
use strict;
use warnings;

use POSIX ();

sub end { my ($n) = @_; my $here = $n + 1; return POSIX::_exit($here) }

end(3);
