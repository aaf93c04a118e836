# SPDX-License-Identifier: GPL-2.0-or-later
# A locale that is made while the program runs, and is another one later.
use strict;
use warnings;
use locale;

use Cwd qw(getcwd);
use POSIX qw(LC_ALL localeconv setlocale strftime);

$ENV{LOCPATH} = getcwd() . '/made';
for my $source (qw(de_DE pl_PL)) {
    system "rm -rf made; mkdir made; cp -r sources/$source made/xx";
    print setlocale(LC_ALL, 'xx') // 'none', ' ', localeconv()->{thousands_sep} // '', ' ',
        strftime('%A', 0, 0, 0, 1, 0, 124), ' ', join(',', sort 'z', "\xf3", 'o', "\xb3", 'm'),
        ' ', lc("\xd3\xa3"), "\n";
    setlocale(LC_ALL, 'C');
}
system 'rm -r made';
print setlocale(LC_ALL, 'xx') // 'none', "\n";
