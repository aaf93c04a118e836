# SPDX-License-Identifier: GPL-2.0-or-later
import os


def end(n):
    here = n + 1
    os._exit(here)


end(3)
