"""Who writes what: two greenlets and the main program, in turns."""
from greenlet import getcurrent, greenlet

main = getcurrent()
total = 0


def worker(n):
    global total
    mine = 0
    for i in range(3):
        total += n
        mine += main.switch(i)
        mine += 1; total -= main.switch('minus')
    return mine


one, two = greenlet(worker), greenlet(worker)
one.switch(1)
two.switch(10)
total *= 2
for _ in range(5):
    one.switch(5)
    total += 100
    two.switch(7)
print(total)
