#!/usr/bin/env python3
"""An HTTP server that misbehaves as its paths say. Writes its port into a file once it listens.

It ends by itself when the tests that started it are gone.
"""
import argparse
import json
import os
import pathlib
import socket
import ssl
import struct
import threading
import time
import urllib.parse

options = argparse.ArgumentParser()
options.add_argument("--ready", required=True, help="file that gets the port")
options.add_argument("--unix", help="listen on this path instead of TCP")
options.add_argument("--certificate", help="speak TLS with this chain and --key")
options.add_argument("--key")
options.add_argument("--client-ca", help="ask for client certificates of this authority")
options.add_argument("--tls12", action="store_true", help="speak no TLS 1.3")
options.add_argument("--root-answer", help="what GET /root/... answers")
options = options.parse_args()

lock = threading.Lock()
counts = {"accepted": 0, "requests": 0, "slow": 0}


def count(name):
    with lock:
        counts[name] += 1
        return counts[name]


def read_request(stream):
    line = stream.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while True:
        line = stream.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            break
        name, value = line.split(":", 1)
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return method, urllib.parse.urlsplit(target), headers, body


def answer(connection, status, body, *more):
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", *more, "", ""]
    connection.sendall("\r\n".join(lines).encode() + body)


def reset(connection):
    # A close with unsent linger time of zero is an RST.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


def chunk(connection, data):
    connection.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def serve(connection, number):
    if options.certificate:
        connection = tls.wrap_socket(connection, server_side=True)
    stream = connection.makefile("rb")
    while True:
        request = read_request(stream)
        if request is None:
            return
        method, target, headers, body = request
        request_number = count("requests")
        query = dict(urllib.parse.parse_qsl(target.query))
        path = target.path
        if path == "/echo":
            seen = {"method": method, "headers": headers, "body": body.decode("latin-1"), "connection": number}
            answer(connection, 200, json.dumps(seen).encode(), "X-Twice: one", "x-twice: two", "X-Empty:")
        elif path == "/counts":
            answer(connection, 200, json.dumps(counts).encode())
        elif path == "/status":
            answer(connection, int(query["code"]), b"said so", "Location: /echo")
        elif path == "/big":
            answer(connection, 200, b"x" * int(query["bytes"]))
        elif path == "/big-chunks":
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(int(query["count"])):
                chunk(connection, b"y" * 65536)
            connection.sendall(b"0\r\n\r\n")
        elif path == "/lines":
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Head: early\r\n\r\n")
            for index in range(int(query["count"])):
                chunk(connection, f'{{"line": {index}}}\n'.encode())
                time.sleep(float(query.get("pause", "0")))
            if "break" in query:
                return
            connection.sendall(b"0\r\n\r\n")
        elif path == "/slow":
            count("slow")
            time.sleep(float(query["seconds"]))
            answer(connection, 200, b"late")
        elif path == "/half":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
            return
        elif path == "/garbage":
            connection.sendall(b"\x16\x03 this is no HTTP\r\n\r\n")
            return
        elif path == "/headers":
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"z" * 1000 + b"\r\n")
            for _ in range(int(query["count"])):
                connection.sendall(b"X-Filler: " + b"z" * 1000 + b"\r\n")
            connection.sendall(b"Content-Length: 0\r\n\r\n")
        elif path == "/reset":
            stream.close()
            reset(connection)
            return
        elif path == "/hangup":
            return
        elif path == "/once":
            # Promises to keep the connection, and closes it a moment later.
            answer(connection, 200, b"once")
            time.sleep(0.05)
            return
        elif path == "/early-hints":
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nX-Hint: yes\r\n\r\n")
            answer(connection, 200, b"final")
        elif path.startswith("/root/") and options.root_answer:
            answer(connection, 200, json.dumps({"ca": pathlib.Path(options.root_answer).read_text()}).encode())
        else:
            answer(connection, 404, b"no such path")


def guarded(connection, number):
    try:
        serve(connection, number)
    except (OSError, ValueError):
        pass
    finally:
        try:
            connection.close()
        except OSError:
            pass


def end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
if options.certificate:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options.certificate, options.key)
    if options.tls12:
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
    if options.client_ca:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(options.client_ca)
if options.unix:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(options.unix)
    port = 0
else:
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    port = listener.getsockname()[1]
listener.listen(512)
ready = pathlib.Path(options.ready)
ready.with_suffix(".tmp").write_text(str(port))
ready.with_suffix(".tmp").rename(ready)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=guarded, args=(accepted, count("accepted")), daemon=True).start()
