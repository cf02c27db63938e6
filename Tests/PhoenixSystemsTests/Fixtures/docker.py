"""Stands in for a swarm manager's API on 2376: answers recorded ones to clients of the right authority.

docker.py PORT ANSWERS CERTIFICATE KEY CLIENTS' ROOTS
"""

import http.server
import ssl
import sys

port, answers, certificate, key, roots = sys.argv[1:6]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        path = self.path.split('?')[0]
        name = path.rsplit('/', 1)[-1]
        if path == '/_ping':
            body, status = b'OK', 200
        elif path.startswith('/v1.41/') and name in ('nodes', 'services', 'tasks'):
            body, status = open(f'{answers}/{name}.json', 'rb').read(), 200
        else:
            body, status = b'{"message":"page not found"}\n', 404
        self.send_response(status)
        self.send_header('Api-Version', '1.41')
        self.send_header('Content-Type', 'text/plain' if path == '/_ping' else 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=roots)
context.verify_mode = ssl.CERT_REQUIRED
context.load_cert_chain(certificate, key)
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(port)), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
