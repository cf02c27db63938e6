"""pveproxy's manners before an unmodified fakepve: API tokens, an access log, connection limits, faults on demand.

pve_proxy.py --listen HOST:PORT --upstream HOST:PORT --ca FILE --cert FILE --key FILE --tokens FILE --log FILE
             [--faults FILE] [--lab PATH] [--workers N] [--latency MS]

Access log, tab-separated: time, token or user, method, path, status, milliseconds. The path has no query.
As the real one: closes a connection after a status >= 400, after 100 requests and after 5 s idle, refuses chunked bodies.
Faults (see faults.py): latency=MS hang refuse reset status500[=CODE] garbage half drop-reply, for all paths or one prefix.
"""

import argparse
import asyncio
import datetime
import json
import re
import socket
import ssl
import struct
import time
import urllib.parse

from faults import Faults
from guest_agent import GuestAgent

IDLE_SECONDS = 5
REQUESTS_PER_CONNECTION = 100
MAX_BODY = 64 << 20
GUEST_CONFIG = re.compile(r'^/nodes/[^/]+/(lxc|qemu)(/\d+/config)?$')
ROOT_ONLY = re.compile(r'^(mp\d+=/|dev\d+=|hookscript=|args=|features=(?!nesting=[01]$)|lxc\b)')


class Closed(Exception):
    """The peer went away, or is to be sent away."""


class Upstream:
    """fakepve as root@pam; the ticket is shared, a connection belongs to one client connection."""

    def __init__(self, address, ca, password):
        self.host, port = address.rsplit(':', 1)
        self.port = int(port)
        self.context = ssl.create_default_context(cafile=ca)
        self.password = password
        self.credentials = None
        self.made = 0.0

    async def headers(self):
        if self.credentials is None or time.monotonic() - self.made > 3600:  # a ticket lives two hours
            link = Link(self)
            body = urllib.parse.urlencode({'username': 'root@pam', 'password': self.password}).encode()
            status, _, _, answer = await link.exchange('POST', '/api2/json/access/ticket', {
                'content-type': 'application/x-www-form-urlencoded'}, body)
            link.close()
            if status != 200:
                raise RuntimeError(f'fakepve refuses the login: {status}')
            data = json.loads(answer)['data']
            self.credentials = {'cookie': 'PVEAuthCookie=' + data['ticket'], 'csrfpreventiontoken': data['CSRFPreventionToken']}
            self.made = time.monotonic()
        return self.credentials


class Link:
    def __init__(self, upstream):
        self.upstream = upstream
        self.reader = self.writer = None

    def close(self):
        if self.writer:
            self.writer.close()
            self.writer = None

    async def exchange(self, method, target, headers, body):
        for attempt in (1, 2):
            fresh = self.writer is None
            try:
                if fresh:
                    self.reader, self.writer = await asyncio.open_connection(
                        self.upstream.host, self.upstream.port, ssl=self.upstream.context)
                head = f'{method} {target} HTTP/1.1\r\nhost: fakepve\r\ncontent-length: {len(body)}\r\n'
                head += ''.join(f'{k}: {v}\r\n' for k, v in headers.items())
                self.writer.write(head.encode('latin-1') + b'\r\n' + body)
                first, fields = await read_head(self.reader)
                _, status, *reason = first.split(' ', 2)
                answer = await self.reader.readexactly(int(fields.get('content-length', 0)))
                if fields.get('connection', '').lower() == 'close':
                    self.close()
                return int(status), reason[0] if reason else '', fields, answer
            except (OSError, asyncio.IncompleteReadError, Closed):
                self.close()
                if fresh or attempt == 2:  # only a connection that was idle is tried again
                    raise


async def read_head(reader):
    """(first line, {lower-case name: value})"""
    try:
        text = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1')
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        raise Closed from None
    first, *lines = text.rstrip('\r\n').split('\r\n')
    return first, {k.strip().lower(): v.strip() for k, _, v in (line.partition(':') for line in lines)}


class Proxy:
    def __init__(self, a):
        config = json.load(open(a.tokens))
        self.tokens = config['tokens']
        self.upstream = Upstream(a.upstream, a.ca, config['upstream_password'])
        self.faults = Faults(a.faults or '/nonexistent')
        self.agent = GuestAgent(a.lab)
        self.log = open(a.log, 'a', buffering=1)
        self.workers = asyncio.Semaphore(a.workers or 1 << 20)
        self.latency = a.latency / 1000

    def note(self, who, method, path, status, start):
        when = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='milliseconds')
        self.log.write(f'{when}\t{who}\t{method}\t{path}\t{status}\t{(time.monotonic() - start) * 1000:.0f}\n')

    async def client(self, reader, writer):
        link = Link(self.upstream)
        try:
            for count in range(1, REQUESTS_PER_CONNECTION + 1):
                try:
                    first, fields = await asyncio.wait_for(read_head(reader), IDLE_SECONDS)
                except asyncio.TimeoutError:
                    break
                if not await self.request(first, fields, reader, writer, link, count == REQUESTS_PER_CONNECTION):
                    break
        except (Closed, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            link.close()
            writer.close()

    async def request(self, first, fields, reader, writer, link, last):
        """Answer one request; False when the connection is to be closed."""
        start = time.monotonic()
        try:
            method, target, _ = first.split(' ')
        except ValueError:
            return await self.answer(writer, 400, 'bad request', b'', close=True)
        path = target.partition('?')[0]
        if 'transfer-encoding' in fields:
            self.note('-', method, path, 501, start)
            return await self.answer(writer, 501, 'chunked transfer encoding not supported', b'', close=True)
        length = int(fields.get('content-length') or 0)
        if length > MAX_BODY:
            return await self.answer(writer, 413, 'request entity too large', b'', close=True)
        if fields.get('expect', '').lower() == '100-continue':
            writer.write(b'HTTP/1.1 100 Continue\r\n\r\n')
        body = await reader.readexactly(length)
        fault = self.faults.find(path)
        who, refusal = self.who(fields, method, target, body)
        close = last or fields.get('connection', '').lower() == 'close'

        await asyncio.sleep(self.latency + float(fault.get('latency') or 0) / 1000)
        for mode in ('refuse', 'reset', 'hang'):
            if mode in fault:
                self.note(who, method, path, mode, start)
                if mode == 'hang':
                    await reader.read(1)  # until the client gives up
                else:
                    abort(writer)
                raise Closed
        if 'status500' in fault:
            status = int(fault['status500'] or 500)
            self.note(who, method, path, status, start)
            return await self.answer(writer, status, 'fault injected by the lab', b'', close=True)
        if refusal:
            self.note(who, method, path, refusal[0], start)
            return await self.answer(writer, *refusal, b'{"data":null}', close=True)

        headers = {k: fields[k] for k in ('content-type', 'accept', 'cookie', 'csrfpreventiontoken') if k in fields}
        for again in (True, False):
            if who in self.tokens:
                headers.update(await self.upstream.headers())
            async with self.workers:
                status, reason, answer_fields, data = await link.exchange(method, target, headers, body)
            if not (status == 401 and who in self.tokens and again):
                break
            self.upstream.credentials = None  # fakepve was started anew, and has forgotten our ticket
        if status == 200 and '/agent/' in path:
            values = parameters(target, fields, body)
            data = json.dumps({'data': await self.agent.answer(path, values, json.loads(data)['data'])}).encode()
        for mode in ('drop-reply', 'garbage', 'half'):
            if mode in fault:
                self.note(who, method, path, f'{status}', start)
                if mode == 'garbage':
                    return await self.answer(writer, 200, 'OK', b'\x00\xff<html>}{', close=True)
                if mode == 'half':
                    writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n' % len(data) +
                                 data[:len(data) // 2])
                    await writer.drain()
                raise Closed
        self.note(who, method, path, status, start)
        return await self.answer(writer, status, reason, data, answer_fields, close or status >= 400)

    def who(self, fields, method, target, body):
        """(token or user, None or a refusal (status, reason))"""
        authorization = fields.get('authorization', '')
        if not authorization.startswith('PVEAPIToken='):
            return 'cookie' if 'cookie' in fields else '-', None  # fakepve decides
        token, _, secret = authorization[len('PVEAPIToken='):].partition('=')
        if not secret or self.tokens.get(token) != secret:
            return '-', (401, 'authentication failure')
        path = target.partition('?')[0].removeprefix('/api2/json').removeprefix('/api2/extjs')
        if method not in ('GET', 'HEAD'):
            if path.startswith('/access/') and not token.startswith('operator@'):
                return token, (403, 'Permission check failed (/access, Permissions.Modify)')
            # What no token may do on a real host, whatever its privileges.
            for name, values in parameters(target, fields, body).items():
                if GUEST_CONFIG.match(path) and ROOT_ONLY.match(f'{name}={values[0]}'):
                    return token, (403, f'only root@pam may set {name}')
        return token, None

    async def answer(self, writer, status, reason, data, fields=None, close=False):
        head = f'HTTP/1.1 {status} {reason}\r\nserver: pve-api-daemon/3.0\r\n'
        head += f'date: {time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())}\r\n'
        head += f'content-type: {(fields or {}).get("content-type", "application/json;charset=UTF-8")}\r\n'
        for name, value in (fields or {}).items():
            if name == 'set-cookie':
                head += f'{name}: {value}\r\n'
        head += f'content-length: {len(data)}\r\nconnection: {"close" if close else "Keep-Alive"}\r\n\r\n'
        writer.write(head.encode('latin-1', 'replace') + data)
        await writer.drain()
        return not close


def parameters(target, fields, body):
    """{name: [texts]} of the query and of a form or JSON body."""
    values = urllib.parse.parse_qs(target.partition('?')[2], keep_blank_values=True)
    if fields.get('content-type', '').startswith('application/json'):
        try:
            values.update((k, [str(t) for t in v] if isinstance(v, list) else [str(v)]) for k, v in json.loads(body).items())
        except (ValueError, AttributeError):
            pass  # fakepve says what is wrong with it
    else:
        values.update(urllib.parse.parse_qs(body.decode('utf-8', 'replace'), keep_blank_values=True))
    return values


def abort(writer):
    """RST, not FIN."""
    writer.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    writer.transport.abort()


async def serve(a):
    proxy = Proxy(a)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(a.cert, a.key)
    host, port = a.listen.rsplit(':', 1)
    server = None
    # `refuse` without a prefix refuses in earnest: nobody listens. A client has to see that too.
    while True:
        down = any(mode == 'refuse' and not prefix for mode, _, prefix in proxy.faults.read())
        if down and server:
            server.close()
            server = None
        elif not down and not server:
            server = await asyncio.start_server(proxy.client, host, int(port), ssl=context, limit=1 << 16)
        await asyncio.sleep(0.05)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('--listen', '--upstream', '--ca', '--cert', '--key', '--tokens', '--log'):
        p.add_argument(name, required=True)
    p.add_argument('--faults')
    p.add_argument('--lab', help='the lab whose guests the agent calls reach')
    p.add_argument('--workers', type=int, default=0, help='requests served at once (the real one: 3); 0 = no limit')
    p.add_argument('--latency', type=float, default=0, help='milliseconds before every request')
    asyncio.run(serve(p.parse_args()))


if __name__ == '__main__':
    main()
