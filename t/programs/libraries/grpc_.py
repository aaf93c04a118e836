import grpc
from concurrent import futures
class H(grpc.GenericRpcHandler):
    def service(self, d):
        if d.method == '/a/stream':
            return grpc.unary_stream_rpc_method_handler(lambda r, c: (r + b' %d' % i for i in range(4)))
        return grpc.unary_unary_rpc_method_handler(lambda r, c: b'echo ' + r)
s = grpc.server(futures.ThreadPoolExecutor(2)); s.add_generic_rpc_handlers((H(),)); p = s.add_insecure_port('127.0.0.1:0'); s.start()
with grpc.insecure_channel('127.0.0.1:%d' % p) as c:
    f, g = c.unary_unary('/a/b'), c.unary_stream('/a/stream')
    for i in range(3): print(f(b'x%d' % i))
    print(list(g(b'y')))
s.stop(None).wait(); print('done')
