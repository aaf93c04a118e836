"""Games of turns.c, beside the interpreter's lock and with it."""
import ctypes
import os
import threading

counted = [0]
goes_on = True


def counts():
    """Wants the interpreter's lock while the other thread is busy with it."""
    while goes_on:
        counted[0] += 1


for kind, name in (ctypes.CDLL, 'turns.so'), (ctypes.PyDLL, 'direct.so'):
    library = kind(os.path.abspath(name))
    library.play.restype = ctypes.c_char_p
    for game in 'queue', 'futexes', 'conditions', 'others', 'yields', 'spins', 'resolves', 'resolves', 'heirs', 'heirs', 'heirs', 'mothers', 'c11', 'joins', 'onces', 'onces', 'onces':
        result = ctypes.c_long()
        seen = library.play(game.encode(), ctypes.byref(result))
        print(kind.__name__, game, seen.decode(), result.value)
    library.start()
    laps = [(library.peek(), sum(range(i)) and None)[0] for i in range(1500)]
    library.stop()
    print(kind.__name__, [laps.index(lap) for lap in sorted(set(laps))])

library.start()
counter = threading.Thread(target=counts)
counter.start()
laps = [(library.busy(), counted[0]) for i in range(3)]
goes_on = False
counter.join()
library.stop()
print(laps)
