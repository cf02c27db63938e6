"""A TCP proxy that misbehaves on demand, for any server.

fault_proxy.py --listen HOST:PORT --target HOST:PORT --faults FILE --log FILE --certs PREFIX [--mark N]

Modes (the first line of the control file, see faults.py; none = pass):
  pass                 bytes as they are: TLS and client certificates stay between the two ends
  refuse hang reset    nobody listens; nobody answers; RST
  slow=SECONDS         every answer of the server comes that late
  drop-reply           the request is carried out, its answer lost (TLS 1.3: what follows the server's first flight)
  half                 the same, cut in the middle
  status500[=CODE] garbage         the proxy terminates TLS with PREFIX-right.pem and answers so, forwarding nothing
  answer=FILE                      ... and answers with the bytes of the file
  wrong-ca expired                 it shows PREFIX-wrong-ca.pem or PREFIX-expired.pem; a client that goes on anyway
                                   is logged as "accepted"
The log, tab-separated: time, mode, what happened.
"""

import argparse
import datetime
import socket
import ssl
import struct
import threading
import time

from faults import Faults

TERMINATED = {'status500': 'right', 'garbage': 'right', 'answer': 'right', 'wrong-ca': 'wrong-ca', 'expired': 'expired'}
QUIET = 1.0  # a server silent for so long has said its answer


class Proxy:
    """A thread per connection: only a socket nobody has read from can be given to TLS after the fact."""

    def __init__(self, a):
        self.a = a
        self.faults = Faults(a.faults)
        self.log = open(a.log, 'a', buffering=1)

    def note(self, mode, text):
        when = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='milliseconds')
        self.log.write(f'{when}\t{mode}\t{text}\n')

    def mode(self):
        lines = self.faults.read()
        return lines[0][:2] if lines else ('pass', '')

    def client(self, client, mode, argument):
        self.note(mode, 'connection')
        try:
            if mode == 'hang':
                while client.recv(65536):
                    pass
            elif mode in ('reset', 'refuse'):  # refuse: came in before the listener closed
                if mode == 'reset':
                    client.recv(1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            elif mode in TERMINATED:
                self.terminate(mode, argument, client)
            else:
                self.relay(mode, argument, client)
        except (OSError, ssl.SSLError) as error:
            self.note(mode, f'{type(error).__name__}: {error}')
        finally:
            client.close()

    def relay(self, mode, argument, client):
        server = socket.socket()
        if self.a.mark:  # so that the redirection that brought the client here spares us
            server.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, self.a.mark)
        server.settimeout(10)
        server.connect(address(self.a.target))
        server.settimeout(None)
        spoke = threading.Event()  # the client did, since the server last did

        def there():
            try:
                while data := client.recv(65536):
                    spoke.set()
                    server.sendall(data)
                server.shutdown(socket.SHUT_WR)
            except OSError:
                end(server)
        threading.Thread(target=there, daemon=True).start()
        flights = lost = 0
        try:
            while True:
                try:
                    data = server.recv(65536)
                except TimeoutError:
                    break
                if not data:
                    break
                flights += spoke.is_set()
                spoke.clear()
                if mode == 'slow':
                    time.sleep(float(argument or 1))
                if mode in ('drop-reply', 'half') and flights > 1:
                    if mode == 'half' and not lost:
                        client.sendall(data[:len(data) // 2])
                    lost += len(data)
                    server.settimeout(QUIET)
                else:
                    client.sendall(data)
        finally:
            end(server)
            end(client)
            if lost:
                self.note(mode, f'{lost} bytes of the answer lost')

    def terminate(self, mode, argument, client):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        name = f'{self.a.certs}-{TERMINATED[mode]}'
        context.load_cert_chain(name + '.pem', name + '.key')
        with context.wrap_socket(client, server_side=True) as tls:
            request = tls.recv(65536)
            if not request:
                return
            self.note(mode, 'accepted' if mode in ('wrong-ca', 'expired') else request.split(b'\r\n')[0].decode('latin-1'))
            if mode == 'status500':
                tls.sendall(b'HTTP/1.1 %d Fault\r\ncontent-length: 5\r\nconnection: close\r\n\r\nfault' % int(argument or 500))
            elif mode == 'garbage':
                tls.sendall(b'HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\n\x00\xff<html>}{\r\n')
            elif mode == 'answer':
                tls.sendall(open(argument, 'rb').read())

    def listen(self):
        return socket.create_server(address(self.a.listen), backlog=64)

    def run(self):
        server = None
        while True:
            down = self.mode()[0] == 'refuse'  # in earnest: nobody listens
            if down and server:
                server.close()
                server = None
            elif not down and not server:
                server = self.listen()
                server.settimeout(0.1)
            if not server:
                time.sleep(0.05)
                continue
            try:
                client, _ = server.accept()
            except TimeoutError:
                continue
            client.settimeout(None)
            threading.Thread(target=self.client, args=(client, *self.mode()), daemon=True).start()


def address(text):
    host, port = text.rsplit(':', 1)
    return host, int(port)


def end(sock):
    """Shut down, which also wakes whoever reads from it; close alone would not."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('--listen', '--target', '--faults', '--log'):
        p.add_argument(name, required=True)
    p.add_argument('--certs', default='')
    p.add_argument('--mark', type=int, default=0)
    Proxy(p.parse_args()).run()


if __name__ == '__main__':
    main()
