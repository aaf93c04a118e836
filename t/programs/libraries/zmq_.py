import threading
import zmq

c = zmq.Context()
s = c.socket(zmq.PAIR); s.bind('inproc://x'); t = c.socket(zmq.PAIR); t.connect('inproc://x')
t.send(b'in'); print(s.recv())


def answers(where):
    r = c.socket(zmq.REP)
    p = ':%d' % r.bind_to_random_port(where) if where.startswith('tcp') else r.bind(where) and ''
    def serve():
        for i in range(10): r.send(r.recv()[::-1])
    thread = threading.Thread(target=serve); thread.start()
    q = c.socket(zmq.REQ); q.connect(where + (p or ''))
    got = []
    for i in range(10): q.send(b'q%d' % i); got.append(q.recv())
    thread.join(); print(where, got)


answers('tcp://127.0.0.1'); answers('inproc://y'); answers('ipc:///tmp/zmq_')
p = c.socket(zmq.PUB); at = 'tcp://127.0.0.1:%d' % p.bind_to_random_port('tcp://127.0.0.1')
u = c.socket(zmq.SUB); u.connect(at); u.setsockopt(zmq.SUBSCRIBE, b''); u.setsockopt(zmq.RCVTIMEO, 50)
tries = 0
while True:
    p.send(b'there?'); tries += 1
    try: print(u.recv()); break
    except zmq.Again: pass
for i in range(30): p.send(b'news %d' % i)
got = 0
try:
    while True: got += u.recv().startswith(b'news')
except zmq.Again: print(got)
c.destroy(0); print('done')
