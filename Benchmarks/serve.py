"""fakepve with an API token, which notes each request: the time on the monotonic clock in ns, method, path with query.

serve.py GUESTS.json TOKENS.json CERT KEY LOG     prints its port when it listens
"""

import asyncio
import json
import os
import sys
import time

from fakepve import FakePve


class NotingPve(FakePve):
    def note_in(self, path):
        self.notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _record(self, request, body):
        os.write(self.notes, f'{time.monotonic_ns()}\t{request.method}\t{request.path_qs}\n'.encode())


async def serve(guests, tokens, cert, key, log):
    tokens = json.load(open(tokens))
    pve = NotingPve(password=tokens['upstream_password'], host='127.0.0.1', port=0)
    pve.time_scale = 0
    pve.note_in(log)
    pve.apitokens.update(tokens['tokens'])
    for guest in json.load(open(guests))['guests']:
        add = pve.add_ct if guest['type'] == 'lxc' else pve.add_vm
        add(guest['vmid'], guest['name'], node='pve1', status=guest['status'], config=guest['config'])
    await pve.start(cert, key)
    print(pve.port, flush=True)
    await asyncio.Event().wait()


asyncio.run(serve(*sys.argv[1:]))
