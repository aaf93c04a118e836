# SPDX-License-Identifier: GPL-2.0-or-later
import http.client
import os
import socket
import ssl
import sys

# A key and a certificate of nothing, valid for a hundred years.
PEM = '''
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3V0PmWdUpHZT2prF
BtHoIuLOnDWuhjnnka82DYaUs2GhRANCAASpxoQybaTho2Wrc2ULs7psgt5OdQ2s
V4ie3cdO2/mxuz5+EDixcIyYZ1lCBNlFr1EL9qo4aZgMqmooZCGjCepd
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUIfby9ZNsYuJ79mJuiJBubI7i8rgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAxNDMxM1oYDzIxMjYxMDMw
MDE0MzEzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASpxoQybaTho2Wrc2ULs7psgt5OdQ2sV4ie3cdO2/mxuz5+EDixcIyY
Z1lCBNlFr1EL9qo4aZgMqmooZCGjCepdo2kwZzAdBgNVHQ4EFgQUAWxyAZ0obI3G
ih5Q13fz1p31K3gwHwYDVR0jBBgwFoAUAWxyAZ0obI3Gih5Q13fz1p31K3gwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgeuO99DpE1kLWUfdWjp8cX83FSLWrvZ1OWR7EGUmzGAICIQD5w3jShR07
thazZeoYJVj+6VSB3rWa9PPcVaXNLvvRsg==
-----END CERTIFICATE-----
'''

sys.stdout.reconfigure(line_buffering=True)
with open('localhost.pem', 'w') as out:
    out.write(PEM)
print(ssl.OPENSSL_VERSION, ssl.HAS_TLSv1_3, ssl.RAND_bytes(8).hex(), ssl.get_default_verify_paths())
server = socket.create_server(('127.0.0.1', 0))
port = server.getsockname()[1]
pid = os.fork()
if not pid:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain('localhost.pem')
    for _ in range(2):
        plain, peer = server.accept()
        with context.wrap_socket(plain, server_side=True) as connection:
            request = connection.recv(1000)
            print('child', os.getpid(), connection.cipher(), len(request))
            connection.sendall(b'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n%5d' % os.getpid())
    os._exit(0)
server.close()
context = ssl.create_default_context(cafile='localhost.pem')
print(context, context.get_ca_certs(), len(ssl.create_default_context().get_ciphers()))
with context.wrap_socket(socket.create_connection(('localhost', port)), server_hostname='localhost') as client:
    print(client.version(), client.cipher(), client.getpeercert()['subject'], client.session)
    client.sendall(b'hello')
    print(client.recv(1000), client.get_channel_binding().hex())
connection = http.client.HTTPSConnection('localhost', port, context=context)
connection.request('GET', '/')
response = connection.getresponse()
print(response.status, response.read(), os.waitpid(pid, 0)[1])
try:
    ssl.create_default_context(cafile='nowhere.pem')
except OSError as error:
    print(error)
