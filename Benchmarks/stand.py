"""What is measured against: one fakepve with 200 guests on loopback, and a slow proxy before it."""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import homelab

REPO = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LAB = f'{REPO}/Tests/Lab'
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, LAB)
import pve_client  # noqa: E402

GUESTS = 200
CONNECTIONS = 16
TOKEN = 'phoenix@pve!bench'


class Stand(contextlib.ExitStack):
    """Everything that was started is stopped when this is left, and every file is removed."""

    def __enter__(self):
        super().__enter__()
        self.directory = tempfile.mkdtemp(prefix='phoenix-bench-')
        self.callback(shutil.rmtree, self.directory)
        # Run by root, phoenix becomes its own user first, where there is one: the way to the files is open.
        os.chmod(self.directory, 0o711)
        self.requests_log = self.path('requests')
        try:
            self.make_secrets()
            self.start_servers()
        except BaseException:
            self.close()
            raise
        return self

    def path(self, name):
        return f'{self.directory}/{name}'

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as f:
            f.write(text)
        return self.path(name)

    def start(self, arguments, log=None, **options):
        """A process that ends with us."""
        sink = open(self.path(log), 'a') if log else None
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, **({'stdout': sink, 'stderr': sink} if sink else {}) | options)
        self.callback(stop, process)
        return process

    def make_secrets(self):
        pki = [sys.executable, f'{LAB}/pki.py']
        run(pki + ['root', self.path('root'), '--name', 'Proxmox Virtual Environment (bench)'])
        run(pki + ['leaf', self.path('server'), '--ca', self.path('root.pem'), '--ca-key', self.path('root.key'), '--san', '127.0.0.1'])
        os.chmod(self.path('root.pem'), 0o644)
        secret = secrets.token_hex(18)
        self.tokens = self.write('tokens.json', json.dumps({'tokens': {TOKEN: secret}, 'upstream_password': secrets.token_hex(18)}))
        self.token = f'{TOKEN}={secret}'
        self.write('credentials/proxmox-token', self.token)
        self.credentials = self.path('credentials')

    def start_servers(self):
        guests = self.write('guests.json', json.dumps(homelab.live_guests(GUESTS)))
        tls = [self.path('server.pem'), self.path('server.key')]
        server = self.start([sys.executable, f'{HERE}/serve.py', guests, self.tokens, *tls, self.requests_log],
                            stdout=subprocess.PIPE, stderr=open(self.path('serve.log'), 'w'))
        port = server.stdout.readline().strip().decode()
        if not port:
            sys.exit('fakepve does not start: ' + open(self.path('serve.log')).read()[-2000:])
        upstream = f'127.0.0.1:{port}'
        pve_client.seed(pve_client.Client(upstream, self.path('root.pem'), self.tokens), homelab.live_firewall(GUESTS))
        proxy = f'127.0.0.1:{free_port()}'
        self.start([sys.executable, f'{LAB}/pve_proxy.py', '--listen', proxy, '--upstream', upstream, '--ca', self.path('root.pem'),
                    '--cert', tls[0], '--key', tls[1], '--tokens', self.tokens, '--log', self.path('proxy-access'),
                    '--lab', '/nonexistent', '--workers', '3', '--latency', '20'], log='proxy.log')
        wait_for(lambda: connects(proxy), 'the proxy')
        self.endpoints = {'plain': upstream, 'slow': proxy}

    def files(self, count, server, with_firewalls=True, connections=CONNECTIONS):
        """The users' files for so many guests; returns (configuration, state) directories."""
        name = f'{count}-{server}-{connections}{"" if with_firewalls else "-bare"}'
        if not os.path.exists(self.path(name)):
            homelab.write_files(self.path(name), count, f'https://{self.endpoints[server]}', self.path('root.pem'), connections, with_firewalls)
            os.mkdir(self.path(f'{name}-state'), 0o700)
            with contextlib.suppress(KeyError):
                account = pwd.getpwnam('phoenix')
                os.chown(self.path(f'{name}-state'), account.pw_uid, account.pw_gid)
        return self.path(name), self.path(f'{name}-state')

    def requests(self, offset):
        """[(time in ns, method, path)] of what fakepve was asked since its log had this many bytes."""
        with open(self.requests_log) as f:
            f.seek(offset)
            return [(int(t), method, path) for t, method, path in (line.split('\t') for line in f.read().splitlines())]

    def offset(self):
        return os.path.getsize(self.requests_log)


def run(arguments, allowed=(0,)):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode not in allowed:
        sys.exit(f'{" ".join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}')


def stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


def connects(endpoint):
    host, port = endpoint.split(':')
    try:
        socket.create_connection((host, int(port)), 1).close()
        return True
    except OSError:
        return False


def wait_for(condition, name, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f'gave up waiting for {name}')
        time.sleep(0.02)
