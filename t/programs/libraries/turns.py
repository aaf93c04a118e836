"""Games of turns.c, beside the interpreter's lock and with it."""
import ctypes
import os

for kind in ctypes.CDLL, ctypes.PyDLL:
    library = kind(os.path.abspath('turns.so'))
    library.play.restype = ctypes.c_char_p
    for game in 'queue', 'futexes', 'conditions', 'others', 'yields', 'spins', 'resolves', 'resolves', 'heirs', 'heirs', 'heirs', 'mothers':
        result = ctypes.c_long()
        seen = library.play(game.encode(), ctypes.byref(result))
        print(kind.__name__, game, seen.decode(), result.value)
    library.start()
    laps = [(library.peek(), sum(range(i)) and None)[0] for i in range(1500)]
    library.stop()
    print(kind.__name__, [laps.index(lap) for lap in sorted(set(laps))])
