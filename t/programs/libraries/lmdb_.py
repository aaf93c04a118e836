import lmdb
e = lmdb.open('db', map_size=1 << 20)
with e.begin(write=True) as t:
    for i in range(50): t.put(b'k%d' % i, b'v%d' % (i * i))
with e.begin() as t: print(t.get(b'k7'), sum(1 for _ in t.cursor()))
e.close()
