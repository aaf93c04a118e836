import zmq
c = zmq.Context()
s = c.socket(zmq.PAIR); s.bind('inproc://x'); t = c.socket(zmq.PAIR); t.connect('inproc://x')
t.send(b'in'); print(s.recv())
r = c.socket(zmq.REP); p = r.bind_to_random_port('tcp://127.0.0.1'); q = c.socket(zmq.REQ); q.connect('tcp://127.0.0.1:%d' % p)
for i in range(5): q.send(b'q%d' % i); print(r.recv()); r.send(b'a'); print(q.recv())
c.destroy(0); print('done')
