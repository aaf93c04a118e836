# SPDX-License-Identifier: GPL-2.0-or-later
prices = [1, 2, 3]
from shop.till import Till  # noqa: E402

till = Till()
for price in prices:
    till.add(price)
print(till.sum)
