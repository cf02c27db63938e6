"""Stands in for Traefik's entry point `mesh`: it lets nobody in without a certificate of the root.

mesh.py PORT CERTIFICATE KEY ROOT
Answers every request with what it was asked, as lines: the client's common name and serial, the request line, the
header lines, the length of the body. It closes each connection then. `Upgrade: websocket` gets 101, and what comes
back is what was sent. A path /status/N gets the status N.
"""

import socket
import ssl
import sys
import threading

port, certificate, key, root = sys.argv[1:5]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(root)
context.verify_mode = ssl.CERT_REQUIRED


def talk(client):
    try:
        client.settimeout(20)
        client = context.wrap_socket(client, server_side=True)
        peer = client.getpeercert()
        name = next(v for part in peer['subject'] for k, v in part if k == 'commonName')
        stream = client.makefile('rwb', buffering=0)
        lines = []
        while (line := stream.readline().decode('latin-1').rstrip('\r\n')):
            lines.append(line)
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(':') for line in lines[1:])}
        if headers.get('upgrade', '').lower() == 'websocket':
            stream.write(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n')
            while (piece := client.recv(4096)):
                client.sendall(piece)
            return
        length = 0
        if headers.get('transfer-encoding') == 'chunked':
            while (size := int(stream.readline(), 16)):
                left = size
                while left:
                    left -= len(stream.read(min(left, 65536)))
                length += size
                stream.readline()
            stream.readline()
        else:
            left = length = int(headers.get('content-length', 0))
            while left:
                left -= len(stream.read(min(left, 65536)))
        path = lines[0].split(' ')[1]
        status = path.split('/')[-1] if path.startswith('/status/') else '200'
        said = '\n'.join([f'client {name}', f'serial {int(peer["serialNumber"], 16):x}', *lines, f'length {length}']) + '\n'
        stream.write(f'HTTP/1.1 {status} Said\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n{said}'.encode())
    except (OSError, ValueError, StopIteration):
        pass
    finally:
        client.close()


listener = socket.create_server(('127.0.0.1', int(port)))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=talk, args=(connection,), daemon=True).start()
