# SPDX-License-Identifier: GPL-2.0-or-later
# Workers of a pool, of which one never answers.
import multiprocessing
import signal


def work(n):
    if n == 3:
        signal.pause()
    return n * n


if __name__ == '__main__':
    with multiprocessing.Pool(2) as pool:
        for result in pool.imap(work, range(6)):
            print('result', result, flush=True)
