# Reads a file whole, of another one the beginning, and looks at a third.
import os


def tick():
    pass


with open('whole.txt') as file:
    whole = file.read()
part = os.read(os.open('part.txt', os.O_RDONLY), 5)
size = os.stat('seen.txt').st_size
when = os.stat('whole.txt').st_mtime
tick()
print(whole, part, size)
