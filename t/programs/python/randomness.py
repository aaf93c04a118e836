# SPDX-License-Identifier: GPL-2.0-or-later
import os
import random
import secrets
import tempfile
import uuid

print(random.random(), random.randrange(10**20), random.choices('abcdef', k=8))
items = list(range(20))
random.shuffle(items)
print(items, random.gauss(0, 1), random.sample(range(1000), 5))
random.seed(42)
print(random.random(), random.getrandbits(100))
print(random.SystemRandom().random(), random.Random().random())
print(secrets.token_hex(), secrets.token_urlsafe(9), secrets.choice('xyz'), secrets.randbelow(99))
print(os.urandom(12).hex(), os.getrandom(7).hex())
print(uuid.uuid4(), uuid.uuid5(uuid.NAMESPACE_DNS, 'example.org'))
print(uuid.uuid1(), hex(uuid.getnode()))
print(tempfile.gettempdir(), tempfile.mktemp())
with open('/dev/urandom', 'rb', buffering=0) as device:
    print(device.read(9).hex())
