#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Locales: setlocale, localeconv, strftime, sort and case under "use locale". Locales to try: @ARGV.
use strict;
use warnings;

use I18N::Langinfo qw(ABDAY_1 CODESET D_T_FMT MON_2 RADIXCHAR YESEXPR langinfo);
use POSIX qw(:locale_h localeconv setlocale strcoll strftime strtod);

my @words = ('zebra', 'Apple', 'ąbc', 'apple', 'Zoo', 'éclair', 'über', "n$$", 'Ł', 'l', 'm');
print 'initial: ', setlocale(LC_ALL) // 'none', ', numeric ', setlocale(LC_NUMERIC) // 'none', "\n";
for my $name ('C', 'POSIX', 'C.UTF-8', '', 'xx_XX.UTF-8', @ARGV) {
    my $set = setlocale(LC_ALL, $name);
    print "locale '$name': ", $set // "no ($!)", "\n";
    next if !defined $set;
    use locale;
    print '  sorted: ', join(' ', sort @words), "\n";
    print '  case: ', uc 'zażółć', ' ', lc 'ŁÓDŹ', ' ', ucfirst 'ąb', "\n";
    print '  matches: ', join(' ', grep {/^\w+$/} @words), "\n";
    print '  number: ', 1234567.891, ' ', sprintf('%.2f', 1 / 3), "\n";
    my $conv = localeconv();
    print '  conv: ', join(' ', map {"$_=$conv->{$_}"} sort grep { !/grouping/ } keys %{$conv}),
        "\n";
    print '  info: ',
        join(' | ', map { langinfo($_) } CODESET, RADIXCHAR, ABDAY_1, MON_2, D_T_FMT, YESEXPR),
        "\n";
    print '  date: ', strftime('%A %d %B %Y %x %X %c', gmtime 1_700_000_000), ' now ',
        strftime('%c', localtime), "\n";
    print '  strcoll: ', (strcoll('a', 'B') <=> 0), ' ', (strcoll('ł', 'm') <=> 0), "\n";
    $! = 2;
    print "  error: $!\n";
}
print 'strtod: ', join(' ', strtod('3.14xyz')), "\n";
