#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# Dates: strftime, tzset and tzname under several zones, Time::Piece, Time::Local, past and future.
use strict;
use warnings;

use POSIX qw(mktime strftime tzname tzset);
use Time::Local qw(timegm timelocal);
use Time::Piece ();
use Time::Seconds qw(ONE_DAY);

my $now = time;
for my $zone (
    'UTC', 'Europe/Warsaw', 'America/New_York', 'Asia/Kolkata',
    'CET-1CEST', ':Australia/Sydney', 'Nowhere/Else', ''
) {
    local $ENV{TZ} = $zone;
    tzset();
    print "zone '$zone': ", join('/', tzname()), "\n";
    for my $when ($now, 0, 1_000_000_000, 1_711_846_800, 2**31, -86_400 * 365) {
        my @local = localtime $when;
        print strftime('%Y-%m-%d %H:%M:%S %Z %z %a %b %j %U', @local), ' isdst ', $local[8], ' ',
            mktime(@local[0 .. 5]) // 'none', "\n";
    }
}
delete $ENV{TZ};
tzset();
print 'default zone: ', scalar localtime $now, ' ', join('/', tzname()), "\n";
print strftime('%A %d %B %Y, week %V, %c | %x | %X | %p | %s | %%', localtime $now), "\n";
my $piece = Time::Piece->new($now);
print join(' ', $piece->datetime, $piece->tzoffset, $piece->week, $piece->monname,
    $piece->julian_day), "\n";
my $parsed = Time::Piece->strptime('03 Feb 2024 04:05:06', '%d %b %Y %H:%M:%S');
print $parsed->epoch, ' ', ($parsed + ONE_DAY)->ymd, ' ', $parsed->is_leap_year ? 'leap' : '', "\n";
print timegm(0, 0, 0, 29, 1, 2024), ' ', timelocal(0, 0, 0, 1, 0, 2000), ' ',
    eval { timegm(0, 0, 0, 31, 1, 2023) } // $@;
