# Qt has a generator of its own, and asks the processor for chance where it can.
from PyQt5.QtCore import QElapsedTimer, QRandomGenerator

print([QRandomGenerator.global_().generate() for _ in range(3)], QRandomGenerator.system().generate64())
timer = QElapsedTimer()
timer.start()
print(timer.nsecsElapsed() > 0)
