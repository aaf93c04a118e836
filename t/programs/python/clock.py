# SPDX-License-Identifier: GPL-2.0-or-later
import calendar
import datetime
import time

print(time.time(), time.time_ns(), time.monotonic(), time.perf_counter_ns())
print(time.process_time(), time.thread_time_ns(), time.get_clock_info('monotonic'))
print(time.clock_gettime(time.CLOCK_BOOTTIME), time.clock_getres(time.CLOCK_REALTIME))
print(time.localtime(), time.gmtime(0), time.ctime(), time.asctime())
print(time.tzname, time.timezone, time.altzone, time.daylight)
print(time.strftime('%Y-%m-%d %H:%M:%S %Z %z %j %A %B'), time.mktime(time.localtime()))
print(time.strptime('2024-02-29 12:30', '%Y-%m-%d %H:%M'))
before = time.monotonic()
time.sleep(0.03)
print('slept', time.monotonic() - before)
print(datetime.datetime.now(), datetime.datetime.now(datetime.timezone.utc).isoformat())
print(datetime.datetime.now().astimezone(), datetime.date.today(), datetime.datetime.utcnow())
print(datetime.datetime.fromtimestamp(1e9), datetime.datetime.fromtimestamp(-1e9))
print(calendar.month(2024, 2))
