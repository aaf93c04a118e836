# SPDX-License-Identifier: GPL-2.0-or-later
import datetime
import os
import time
import zoneinfo

def show(what):
    print(what, time.tzname, time.timezone, time.daylight)
    for moment in (0, 1e9, 1.7e9, 1720000000.5):
        local = time.localtime(moment)
        print(' ', local, local.tm_zone, local.tm_gmtoff, time.strftime('%c %Z %z', local))
        print(' ', datetime.datetime.fromtimestamp(moment).astimezone(), time.mktime(local))

show('as it is')
for zone in ('Europe/Paris', 'America/St_Johns', 'Asia/Kolkata', 'XYZ-3:30', 'No/Such', ''):
    os.environ['TZ'] = zone
    time.tzset()
    show(zone)
for name in ('Europe/Berlin', 'Australia/Lord_Howe', 'UTC', 'America/Sao_Paulo'):
    zone = zoneinfo.ZoneInfo(name)
    for year in (1950, 2024, 2040):
        print(name, datetime.datetime(year, 7, 1, 12, tzinfo=zone).isoformat(), zone)
try:
    zoneinfo.ZoneInfo('No/Such')
except zoneinfo.ZoneInfoNotFoundError as error:
    print(error)
print(len(zoneinfo.available_timezones()) > 300, zoneinfo.TZPATH)
print(datetime.datetime.now(zoneinfo.ZoneInfo('Asia/Tokyo')))
