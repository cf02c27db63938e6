"""A small Proxmox API client for the lab's own servers, and the seeding of the firewall.

pve_client.py seed GUESTS.json --upstream HOST:PORT --ca FILE --tokens FILE
"""

import argparse
import http.client
import json
import os
import ssl
import urllib.parse

API = '/api2/json'


class Client:
    """Speaks to fakepve as its root@pam, past the proxy: what the lab reads and mends is in nobody's access log."""

    def __init__(self, upstream, ca, tokens):
        self.host, port = upstream.rsplit(':', 1)
        self.port = int(port)
        self.context = ssl.create_default_context(cafile=ca)
        self.password = json.load(open(tokens))['upstream_password']
        self.connection = None
        self.headers = {}

    def login(self):
        self.headers = {}
        answer = self.request('POST', '/access/ticket', username='root@pam', password=self.password)
        self.headers = {'Cookie': 'PVEAuthCookie=' + answer['ticket'], 'CSRFPreventionToken': answer['CSRFPreventionToken']}

    def request(self, method, path, **values):
        body = urllib.parse.urlencode(values)
        if method == 'GET' and body:
            path, body = path + '?' + body, ''
        if not self.headers and path != '/access/ticket':
            self.login()
        status, text = self.exchange(method, API + path, body)
        if status == 401 and path != '/access/ticket':  # the ticket is two hours old
            self.login()
            status, text = self.exchange(method, API + path, body)
        if status >= 400:
            raise RuntimeError(f'{method} {path}: {status} {text[:300]}')
        return json.loads(text)['data']

    def exchange(self, method, path, body):
        headers = dict(self.headers, **({'Content-Type': 'application/x-www-form-urlencoded'} if body else {}))
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(self.host, self.port, timeout=5, context=self.context)
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise

    def get(self, path, **values):
        return self.request('GET', path, **values)

    def guests(self):
        """[(vmid, base path, item)] of every guest."""
        return [(g['vmid'], f'/nodes/{g["node"]}/{g["type"]}/{g["vmid"]}', g) for g in self.get('/cluster/resources', type='vm')]


def client_arguments(parser):
    for name in ('--upstream', '--ca', '--tokens'):
        parser.add_argument(name, required=True)


class Changes:
    """Tells which mutations went through the proxy since the last look, from its access log."""

    def __init__(self, path):
        self.path = path
        self.offset = os.path.getsize(path) if os.path.exists(path) else 0

    def look(self):
        """[(method, path)] of the successful requests since that were not reads."""
        try:
            size = os.path.getsize(self.path)
        except OSError:
            return []
        if size == self.offset:
            return []
        if size < self.offset:  # somebody emptied it
            self.offset = 0
        with open(self.path) as f:
            f.seek(self.offset)
            text = f.read()
        text = text[:text.rfind('\n') + 1]
        self.offset += len(text.encode())
        fields = [line.split('\t') for line in text.splitlines()]
        return [(f[2], f[3]) for f in fields if f[2] not in ('GET', 'HEAD') and f[4].isdigit() and int(f[4]) < 400]


def seed(client, wanted):
    """The stored firewall as guests.json has it. POST prepends, so the last rule goes first."""
    def fill(base, firewall):
        for rule in reversed(firewall.get('rules', [])):
            client.request('POST', base + '/firewall/rules', **dict({'enable': 1}, **rule))
        if firewall.get('options'):
            client.request('PUT', base + '/firewall/options', **firewall['options'])
    for vmid, base, _ in client.guests():
        fill(base, wanted.get(str(vmid), {}))
    fill('/cluster', wanted['cluster'])


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('verb', choices=['seed'])
    p.add_argument('guests')
    client_arguments(p)
    a = p.parse_args()
    seed(Client(a.upstream, a.ca, a.tokens), json.load(open(a.guests))['firewall'])


if __name__ == '__main__':
    main()
