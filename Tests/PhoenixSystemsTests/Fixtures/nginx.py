"""Stands in for nginx and its unit: enough of both to serve certificates by name.

nginx.py DIR test | start | stop | reload | is-active [--quiet] | is-enabled | enable | serve
DIR/conf.d/*.conf are read for `listen`, `server_name`, the certificate of each server, and the answers of `return`
and `add_header`.
"""

import glob
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

directory, verb = sys.argv[1:3]
pid_file = f'{directory}/nginx.pid'


class Block:
    def __init__(self, text, variables):
        self.port = int(re.search(r'listen (?:\S+:)?(\d+)', text)[1])
        self.is_tls = bool(re.search(r'listen [^;]*\bssl\b', text))
        self.is_default = 'default_server' in text
        self.names = (re.search(r'server_name ([^;]*);', text) or ['', ''])[1].split()
        files = [re.search(rf'{key} "?([^";]+)"?;', text) for key in ('ssl_certificate', 'ssl_certificate_key')]
        self.pair = [f[1] for f in files] if all(files) else None
        header = re.search(r'location = (\S+) \{[^}]*add_header (\S+) (\$\w+);', text)
        said = re.search(r'location = (\S+) \{[^}]*return 200 "([^"]*)\\n"', text)
        self.answers = {}
        if header:
            self.answers[header[1]] = f'HTTP/1.1 204 No Content\r\n{header[2]}: {variables[header[3]]}\r\n\r\n'
        if said:
            self.answers[said[1]] = f'HTTP/1.1 200 OK\r\nContent-Length: {len(said[2]) + 1}\r\n\r\n{said[2]}\n'


class Configuration:
    def __init__(self):
        self.blocks = []
        for path in sorted(glob.glob(f'{directory}/conf.d/*.conf') + glob.glob(f'{directory}/sites-enabled/*')):
            text = open(path).read()
            variables = dict(re.findall(r'map "" (\$\w+) \{ default "([^"]*)"; \}', text))
            self.blocks += [Block(b, variables) for b in text.split('server {')[1:]]
        self.contexts = {}
        for block in self.blocks:
            if not block.pair:
                continue
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            try:
                context.load_cert_chain(*block.pair)
            except OSError as error:
                raise OSError(f'"{block.pair[0]}": {error}') from error
            for name in block.names:
                self.contexts.setdefault(name, context)
        self.front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.front.sni_callback = self.choose
        ports = [b.port for b in self.blocks if b.is_default]
        if len(ports) != len(set(ports)):
            raise OSError('a duplicate default server')

    def choose(self, connection, name, _):
        if name not in self.contexts:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self.contexts[name]

    @property
    def ports(self):
        return {b.port: b.is_tls for b in self.blocks}

    def answer(self, port, head):
        path = head.split(' ')[1] if ' ' in head else ''
        host = (re.search(r'^host: *([^:\r\n]*)', head, re.I | re.M) or ['', ''])[1]
        blocks = [b for b in self.blocks if b.port == port]
        block = next((b for b in blocks if host in b.names), next((b for b in blocks if b.is_default), None))
        return block.answers.get(path, '') if block else ''


def pid():
    try:
        number = int(open(pid_file).read())
        # A process that nobody has waited for is gone all the same.
        return None if open(f'/proc/{number}/stat').read().rsplit(')', 1)[1].split()[0] == 'Z' else number
    except (OSError, ValueError):
        return None


def test():
    try:
        Configuration()
    except (OSError, ssl.SSLError) as error:
        sys.exit(f'nginx: [emerg] cannot load certificate: {error}')


def talk(configuration, port, client):
    client.settimeout(2)
    try:
        if configuration.ports[port]:
            client = configuration.front.wrap_socket(client, server_side=True)
        head = b''
        while b'\r\n\r\n' not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        client.sendall(configuration.answer(port, head.decode('latin-1')).encode())
    except (OSError, ssl.SSLError):
        pass
    finally:
        client.close()


def serve():
    current = Configuration()

    def reload(*_):
        nonlocal current
        try:
            current = Configuration()
        except (OSError, ssl.SSLError):
            pass  # as nginx does: the old ones serve on, and nobody is told

    signal.signal(signal.SIGHUP, reload)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    listeners = {}
    open(pid_file, 'w').write(str(os.getpid()))
    while True:
        for port in current.ports:
            if port not in listeners:
                listeners[port] = socket.create_server(('127.0.0.1', port))
                listeners[port].settimeout(0.02)
        for port, listener in list(listeners.items()):
            try:
                client, _ = listener.accept()
            except OSError:
                continue
            try:
                threading.Thread(target=talk, args=(current, port, client), daemon=True).start()
            except RuntimeError:
                client.close()  # a busy machine has no more threads


def start():
    if pid():
        return
    test()
    # A session of its own: it outlives the command that started it.
    subprocess.Popen([sys.executable, '-B', __file__, directory, 'serve'], start_new_session=True,
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(f'{directory}/nginx.log', 'a'))
    for _ in range(200):
        if pid():
            return
        time.sleep(0.02)
    sys.exit(f"it does not start: {open(f'{directory}/nginx.log').read()[-500:]}")


def stop():
    number = pid()
    if number:
        os.kill(number, signal.SIGTERM)
        while pid():
            time.sleep(0.01)


def reload():
    number = pid()
    if not number:
        sys.exit('nginx.service is not active')
    os.kill(number, signal.SIGHUP)


def is_active():
    active = pid() is not None
    # Who asks quietly may have nobody left to read: a script whose phoenixd was killed.
    if '--quiet' not in sys.argv:
        print('active' if active else 'inactive')
    sys.exit(0 if active else 3)


def is_enabled():
    enabled = not os.path.exists(f'{directory}/disabled')
    print('enabled' if enabled else 'disabled')
    sys.exit(0 if enabled else 1)


def enable():
    if os.path.exists(f'{directory}/disabled'):
        os.unlink(f'{directory}/disabled')


{'test': test, 'start': start, 'stop': stop, 'reload': reload, 'is-active': is_active, 'is-enabled': is_enabled,
 'enable': enable, 'serve': serve}[verb]()
