# SPDX-License-Identifier: GPL-2.0-or-later
import http.client
import http.server
import json
import os
import socketserver
import sys
import time
import urllib.error
import urllib.request

sys.stdout.reconfigure(line_buffering=True)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/missing':
            return self.send_error(404)
        body = json.dumps({'path': self.path, 'time': time.time(), 'pid': os.getpid(),
                           'agent': self.headers['User-Agent']}).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', len(body))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        data = self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(data[::-1])

    def log_message(self, format, *args):
        print('child', os.getpid(), self.log_date_time_string(), self.client_address, format % args)

server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
base = f'http://127.0.0.1:{server.server_port}'
pid = os.fork()
if not pid:
    for _ in range(5):
        server.handle_request()
    os._exit(0)
server.server_close()
with urllib.request.urlopen(base + '/a?b=c') as response:
    print(response.status, response.headers, response.read(), response.url)
try:
    urllib.request.urlopen(base + '/missing')
except urllib.error.HTTPError as error:
    print(error, error.headers['Date'], error.read())
print(urllib.request.urlopen(urllib.request.Request(base, b'posted')).read())
connection = http.client.HTTPConnection('127.0.0.1', server.server_port)
for path in ('/one', '/two'):
    connection.request('GET', path, headers={'User-Agent': 'test'})
    print(json.load(connection.getresponse()))
print(os.waitpid(pid, 0)[1])
try:
    urllib.request.urlopen(base, timeout=1)
except urllib.error.URLError as error:
    print(error)
