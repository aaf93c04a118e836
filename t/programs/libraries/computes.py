"""Threads that compute for long without the interpreter's lock: the machine leaves each of them many times."""
import bz2
import hashlib
import lzma
import random
import zlib
from concurrent.futures import ThreadPoolExecutor

data = bytes(range(256)) * 1000 + random.Random(1).randbytes(250000)
ways = [zlib.compress, bz2.compress, lambda data: hashlib.sha512(data * 8).digest(), lambda data: lzma.compress(data, preset=0)]
with ThreadPoolExecutor(4) as pool:
    print([hashlib.sha1(result).hexdigest()[:8] for result in pool.map(lambda way: way(data), ways * 2)])
