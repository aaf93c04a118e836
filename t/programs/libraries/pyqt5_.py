import sys
from PyQt5.QtWidgets import QApplication, QLabel
from PyQt5.QtCore import QTimer
a = QApplication(sys.argv); l = QLabel('hello'); l.show(); n = []
def tick():
    n.append(1); print('tick', len(n), l.sizeHint().width() > 0)
    if len(n) == 3: a.quit()
t = QTimer(); t.timeout.connect(tick); t.start(10); print(a.exec_())
