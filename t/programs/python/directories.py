# SPDX-License-Identifier: GPL-2.0-or-later
import fnmatch
import glob
import os
import pathlib
import shutil
import tempfile

here = pathlib.Path('tree')
for name in ('a/one.txt', 'a/two.py', 'b/deep/er/three.txt', 'b/.hidden', 'c d/four.txt', 'f\u00fcnf'):
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{name}\n' * 3, encoding='utf-8')
print(os.listdir('tree'), os.getcwd() == os.path.realpath('.'), list(here.iterdir()))
for root, directories, files in os.walk('tree'):
    print(root, directories, files)
for root, directories, files, descriptor in os.fwalk('tree', topdown=False):
    print(root, directories, files, descriptor)
with os.scandir('tree') as entries:
    for entry in entries:
        print(entry, entry.is_dir(), entry.inode(), entry.stat().st_mtime_ns, entry.path)
print(glob.glob('tree/**/*.txt', recursive=True), glob.glob('tree/*/[a-o]*'), list(here.rglob('*.py')))
print(fnmatch.filter(os.listdir('tree/b'), '.*'), list(here.glob('*/*.txt')))
os.symlink('a', 'tree/link')
os.link('tree/a/one.txt', 'tree/hard')
print(os.readlink('tree/link'), os.lstat('tree/link'), os.path.realpath('tree/link/one.txt') != '')
print(os.stat('tree/hard').st_nlink, os.path.samefile('tree/hard', 'tree/a/one.txt'))
print((here / 'link').resolve().name, (here / 'hard').stat(), (here / 'nowhere').exists())
os.chmod('tree/hard', 0o600)
os.utime('tree/hard', (1e9, 1.5e9))
print(oct(os.stat('tree/hard').st_mode), os.path.getmtime('tree/hard'), os.access('tree/hard', os.W_OK))
print(shutil.copy2('tree/hard', 'copy'), shutil.copytree('tree', 'other', symlinks=True))
print(shutil.move('other/a', 'moved'), sorted(os.listdir('moved')), shutil.which('sh'))
print(shutil.disk_usage('.').total > 0, shutil.get_terminal_size(), os.statvfs('.').f_bsize)
shutil.rmtree('other')
print(shutil.make_archive('archive', 'gztar', 'tree') != '', os.path.getsize('archive.tar.gz'))
shutil.unpack_archive('archive.tar.gz', 'unpacked')
print(sorted(p.as_posix() for p in pathlib.Path('unpacked').rglob('*')))
with tempfile.TemporaryDirectory() as directory:
    print(directory, os.listdir(directory))
    with tempfile.NamedTemporaryFile('w', dir=directory, suffix='.x') as file:
        print(file.name, file.write('text'))
with tempfile.TemporaryFile() as file:
    print(file.name, file.write(b'x'))
with tempfile.SpooledTemporaryFile(10) as file:
    file.write(b'x' * 20)
    print(file.fileno())
print(tempfile.mkstemp(prefix='cross'), tempfile.mkdtemp())
os.rename('copy', 'copy2')
os.replace('copy2', 'tree/copy3')
os.mkdir('empty', 0o700)
os.rmdir('empty')
os.mkfifo('fifo')
print(pathlib.Path('fifo').is_fifo(), os.umask(0o27), os.umask(0o22))
descriptor = os.open('tree', os.O_RDONLY)
print(os.listdir(descriptor), os.stat('hard', dir_fd=descriptor).st_size)
os.unlink('hard', dir_fd=descriptor)
os.chdir(descriptor)
print(os.listdir('.'), os.path.basename(os.getcwd()), pathlib.Path.cwd().name, pathlib.Path.home())
print(os.path.expanduser('~'), os.path.expandvars('$HOME/$NOTHING'), os.path.abspath('x') != '')
