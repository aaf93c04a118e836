# SPDX-License-Identifier: GPL-2.0-or-later
# A bug to be hunted (README): a deposit is lost, once in a while.
import threading
import time


class Account:
    def __init__(self):
        self.balance = 0

    def deposit(self, amount):
        balance = self.balance
        time.sleep(0.1)  # asks whether that is allowed
        self.balance = balance + amount


account = Account()
clerks = [threading.Thread(target=account.deposit, args=(amount,), name=f"clerk-{amount}")
          for amount in (10, 20)]
for clerk in clerks:
    clerk.start()
for clerk in clerks:
    clerk.join()
assert account.balance == 30, account.balance
