# SPDX-License-Identifier: GPL-2.0-or-later
# Where memory comes from, under whatever tunes malloc.
use strict;
use warnings;

my @many = map { {} } 1 .. 50;
@many = ();
opendir my $here, '.' or die $!;
my @names = readdir $here;
closedir $here;
print {}, ' ', [], "\n";
my $child = `echo \$GLIBC_TUNABLES`;
print "child: $child", [], "\n";
my @large = map { 'x' x (100_000 * $_) } 1 .. 5;
print \$large[4], ' ', [], "\n";
printf "%s=%s\n", $_, $ENV{$_} for grep {/TUNABLES|MALLOC|NPY|OPENSSL|OPENBLAS|GNUTLS|JSIMD/} sort keys %ENV;
