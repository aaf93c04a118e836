"""Games of turns.c, which the process before this one had at another address."""
import ctypes
import os
import sqlite3

library = ctypes.CDLL(os.path.abspath('turns.so'))
library.play.restype = ctypes.c_char_p
for game in 'spins', 'queue', 'others':
    result = ctypes.c_long()
    seen = library.play(game.encode(), ctypes.byref(result))
    print(sqlite3.paramstyle, game, seen.decode(), result.value)
