# SPDX-License-Identifier: GPL-2.0-or-later
import bz2
import configparser
import csv
import gzip
import hashlib
import hmac
import io
import json
import lzma
import os
import pickle
import struct
import tarfile
import time
import tomllib
import xml.etree.ElementTree as xml
import zipfile
import zlib

data = [{'n': i, 'x': i / 3, 'text': f'n\u00fcmber {i}', 'none': None} for i in range(50)]
with open('data.json', 'w') as out:
    json.dump(data, out, indent=1)
print(json.load(open('data.json')) == data, os.path.getsize('data.json'))
with open('data.csv', 'w', newline='') as out:
    writer = csv.DictWriter(out, data[0])
    writer.writeheader()
    writer.writerows(data)
print(next(csv.DictReader(open('data.csv', newline=''))), pickle.loads(pickle.dumps(data)) == data)
with zipfile.ZipFile('data.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.write('data.json')
    archive.writestr('time', str(time.time()))
with zipfile.ZipFile('data.zip') as archive:
    print(archive.infolist(), archive.read('time'), archive.testzip())
with tarfile.open('data.tar.xz', 'w:xz') as archive:
    archive.add('data.csv')
with tarfile.open('data.tar.xz') as archive:
    print(archive.getmembers()[0].get_info())
for module in (gzip, bz2, lzma):
    with module.open('packed', 'wb') as out:
        out.write(b'crosscut ' * 1000)
    print(module.__name__, os.path.getsize('packed'), len(module.open('packed').read()))
print(zlib.crc32(b'x' * 1000), len(zlib.compress(b'ab' * 500)), struct.pack('<idq', 1, 2.5, -3))
for name in ('md5', 'sha1', 'sha256', 'sha3_512', 'blake2b', 'sha512_256'):
    print(name, hashlib.new(name, b'crosscut').hexdigest()[:32])
print(hashlib.file_digest(open('data.csv', 'rb'), 'sha256').hexdigest(), sorted(hashlib.algorithms_available))
print(hmac.digest(b'key', b'text', 'sha256').hex(), hashlib.pbkdf2_hmac('sha256', b'p', b's', 1000).hex())
print(hashlib.scrypt(b'p', salt=b's', n=16, r=1, p=1).hex())
print(tomllib.loads('a = [1, 2.5]\nd = 2024-02-29T12:00:00Z'), xml.fromstring('<a b="c"><d/></a>')[0])
config = configparser.ConfigParser()
config.read_string('[s]\nx = 1\ny = %(x)s2')
print(dict(config['s']))
