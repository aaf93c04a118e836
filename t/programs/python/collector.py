# SPDX-License-Identifier: GPL-2.0-or-later
import atexit
import gc
import sys
import weakref

class Node:
    made = 0

    def __init__(self):
        Node.made += 1
        self.number = Node.made
        self.loop = self

    def __del__(self):
        if self.number % 97 == 0:
            print('gone', self.number, 'when', Node.made, gc.get_count(), file=sys.stderr)

def lost(reference):
    lost.count += 1
    if lost.count % 100 == 0:
        print('lost', lost.count, 'when', Node.made)

lost.count = 0
gc.callbacks.append(lambda phase, info: print(phase, info, Node.made) if info['generation'] else None)
references = []
for i in range(3000):
    node = Node()
    if i % 3 == 0:
        references.append(weakref.ref(node, lost))
    if i % 50 == 0:
        node.garbage = [[] for _ in range(i)]
del node
print(len([r for r in references if r() is not None]), gc.get_stats())
print(gc.collect(), gc.get_count(), gc.get_threshold(), len(gc.get_objects()))
gc.callbacks.clear()
cache = weakref.WeakValueDictionary()
keys = weakref.WeakKeyDictionary()
for i in range(10):
    node = Node()
    cache[i] = node
    keys[node] = i
del node
print(sorted(cache), len(keys))
weakref.finalize(sys, print, 'finalized')
atexit.register(print, 'at exit', Node.made)

@atexit.register
def over():
    print('over', file=sys.stderr)

class Last:
    def __del__(self):
        print('the last one', sys.is_finalizing() if sys else None)

keep = Last()
keep.loop = keep
