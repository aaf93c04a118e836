"""Games of exits.c and exits.cpp, each the first one in a process of its own."""
import ctypes
import os

for name, games in ('exits.so', 5), ('exits-direct.so', 5), ('exits-cpp.so', 3):
    if not os.path.exists(name):
        continue
    for game in range(games):
        child = os.fork()
        if not child:
            library = ctypes.CDLL(os.path.abspath(name))
            library.play.restype = ctypes.c_char_p
            for more in range(3):
                seen = library.play(game + more).decode()
                os.write(1, f'child {os.getpid()} {name} {game}: {seen}\n'.encode())
            os._exit(game)
        print(name, game, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
