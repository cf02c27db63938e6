"""Stands in for nginx and its unit: enough of both to serve certificates.

nginx.py DIR test | start | stop | reload | is-active | serve
DIR/conf.d/*.conf are read for `listen`, `ssl_certificate` and `ssl_certificate_key` of each server.
"""

import glob
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time

directory, verb = sys.argv[1:3]
pid_file = f'{directory}/nginx.pid'


def servers():
    """(port, certificate, key) of each server block."""
    found = []
    for path in sorted(glob.glob(f'{directory}/conf.d/*.conf')):
        for block in open(path).read().split('server {')[1:]:
            port = re.search(r'listen (?:\S+:)?(\d+)', block)
            files = [re.search(rf'{key} "?([^";]+)"?;', block) for key in ('ssl_certificate', 'ssl_certificate_key')]
            found.append((int(port[1]), *(f[1] for f in files)))
    return found


def contexts():
    made = {}
    for port, certificate, key in servers():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(certificate, key)
        except OSError as error:
            raise OSError(f'"{certificate}": {error}') from error
        made.setdefault(port, context)
    return made


def pid():
    try:
        number = int(open(pid_file).read())
        # A process that nobody has waited for is gone all the same.
        return None if open(f'/proc/{number}/stat').read().rsplit(')', 1)[1].split()[0] == 'Z' else number
    except (OSError, ValueError):
        return None


def test():
    try:
        contexts()
    except (OSError, ssl.SSLError) as error:
        sys.exit(f'nginx: [emerg] cannot load certificate: {error}')


def serve():
    current = contexts()

    def reload(*_):
        nonlocal current
        try:
            current = contexts()
        except (OSError, ssl.SSLError):
            pass  # as nginx does: the old ones serve on, and nobody is told

    signal.signal(signal.SIGHUP, reload)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    listeners = {}
    open(pid_file, 'w').write(str(os.getpid()))
    while True:
        for port in current:
            if port not in listeners:
                listeners[port] = socket.create_server(('127.0.0.1', port))
                listeners[port].settimeout(0.05)
        for port, listener in list(listeners.items()):
            try:
                client, _ = listener.accept()
            except OSError:
                continue
            client.settimeout(2)
            try:
                with current[port].wrap_socket(client, server_side=True) as tls:
                    tls.recv(1)
            except (OSError, ssl.SSLError):
                pass


def start():
    test()
    # A session of its own: it outlives the command that started it.
    subprocess.Popen([sys.executable, '-B', __file__, directory, 'serve'], start_new_session=True,
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        if pid():
            return
        time.sleep(0.02)
    sys.exit('it does not start')


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
    print('active' if pid() else 'inactive')
    sys.exit(0 if pid() else 3)


{'test': test, 'start': start, 'stop': stop, 'reload': reload, 'is-active': is_active, 'serve': serve}[verb]()
