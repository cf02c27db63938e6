"""Puts TLS before a server of a test that speaks plainly: tls_front.py PORT TARGET-PORT CERTIFICATE KEY"""

import socket
import ssl
import sys
import threading

port, target, certificate, key = sys.argv[1:5]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)


def serve(client):
    try:
        client.settimeout(30)
        with context.wrap_socket(client, server_side=True) as outside:
            with socket.create_connection(('127.0.0.1', int(target))) as inside:
                # One question, one answer: both ends of a TLS stream are never used by two threads.
                while request := outside.recv(65536):
                    inside.sendall(request)
                    inside.settimeout(10)
                    answer = inside.recv(65536)
                    if not answer:
                        break
                    outside.sendall(answer)
                    inside.settimeout(0.05)
                    try:
                        while more := inside.recv(65536):
                            outside.sendall(more)
                    except TimeoutError:
                        pass
    except OSError:
        pass


server = socket.create_server(('127.0.0.1', int(port)), backlog=64)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
