#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Death by a signal that has no handler any more.
use strict;
use warnings;

local $| = 1;
local $SIG{TERM} = sub { print "once, $$\n"; $SIG{TERM} = 'DEFAULT' };
kill TERM => $$;
print "again\n";
kill TERM => $$;
sleep 5;
