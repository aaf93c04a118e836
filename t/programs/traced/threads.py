# SPDX-License-Identifier: GPL-2.0-or-later
import threading
done = []
def work(name):
    kept = name * 2
    done.append(kept)
    return kept
def main():
    for name in ('a', 'b'):
        thread = threading.Thread(target=work, args=(name,))
        thread.start()
        thread.join()
    print(done)
main()
