"""What is looked for: a global, a local, what was never there."""
till = 0


def add(price):
    global till
    till += price
    left = price
    return left


first = add(2)
second = add(3)
print(till, first, second)
