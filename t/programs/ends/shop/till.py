# SPDX-License-Identifier: GPL-2.0-or-later
class Till:
    def __init__(self):
        self.sum = 0

    def add(self, price):
        self.sum += price

        return self.sum
