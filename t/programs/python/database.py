# SPDX-License-Identifier: GPL-2.0-or-later
import dbm.ndbm
import os
import shelve
import sqlite3
import time

print(sqlite3.sqlite_version, sqlite3.threadsafety)
with sqlite3.connect('data.db') as db:
    db.execute('create table t (id integer primary key, name text, value real, made default current_timestamp)')
    db.executemany('insert into t (name, value) values (?, ?)', [(f'name {i}', i / 7) for i in range(500)])
    print(db.execute('select count(*), sum(value), random() from t').fetchone())
    print(db.execute('select * from t where id % 100 = 0').fetchall())
    db.create_function('twice', 1, lambda x: x * 2)
    print(db.execute('select twice(21), hex(randomblob(8)), datetime("now", "localtime")').fetchone())
db.close()
print(os.path.getsize('data.db'), os.listdir())
db = sqlite3.connect('data.db', isolation_level=None)
db.row_factory = sqlite3.Row
db.execute('pragma journal_mode = wal') if os.environ.get('WAL') else None
db.execute('create index i on t (name)')
db.execute('begin')
db.execute('delete from t where id > 250')
db.execute('rollback')
print([tuple(row) for row in db.execute('select * from t order by name desc limit 3')], db.total_changes)
for statement in ('select nonsense', 'insert into t (id) values (1)'):
    try:
        db.execute(statement)
    except sqlite3.Error as error:
        print(type(error), error)
db.execute('vacuum')
memory = sqlite3.connect(':memory:')
db.backup(memory)
print(memory.execute('select max(made) from t').fetchone(), list(memory.iterdump())[:3])
other = sqlite3.connect('data.db', timeout=0.05)
db.execute('begin exclusive')
try:
    other.execute('select * from t')
except sqlite3.OperationalError as error:
    print(error)

with dbm.ndbm.open('index', 'c') as index:  # it makes a number of the address of a local variable
    index['key'] = 'value'
    print(index.keys())
with shelve.open('kept') as kept:
    kept['list'] = [1, 2.5, None]
with shelve.open('kept') as kept:
    print(dict(kept))
