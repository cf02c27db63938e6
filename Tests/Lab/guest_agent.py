"""The QEMU guest agent's exec and file calls, carried out in the lab's guests.

fakepve has checked the parameters and answered with something of the right shape; what really happened is put in its place.
"""

import asyncio
import base64
import re

PATH = re.compile(r'/nodes/[^/]+/qemu/(\d+)/agent/(exec|exec-status|file-read|file-write)$')
MAX_FILE = 16 << 20


class GuestAgent:
    def __init__(self, lab):
        self.lab = lab
        self.running = {}  # (vmid, pid that fakepve gave): task of a run

    async def run(self, vmid, argv, stdin=b''):
        process = await asyncio.create_subprocess_exec(self.lab, 'gexec', vmid, *argv, stdin=asyncio.subprocess.PIPE,
                                                       stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await process.communicate(stdin)
        return process.returncode, out, err

    async def answer(self, path, values, data):
        """The data to answer with; values: {name: [texts]}."""
        match = PATH.search(path)
        if not match or not self.lab:
            return data
        vmid, call = match.groups()
        one = {k: v[0] for k, v in values.items()}
        if call == 'exec':
            stdin = one.get('input-data', '').encode()
            self.running[vmid, str(data['pid'])] = asyncio.create_task(self.run(vmid, values['command'], stdin))
        elif call == 'exec-status':
            task = self.running.get((vmid, one['pid']))
            if task and not task.done():
                return {'exited': 0}
            if task:
                code, out, err = task.result()
                data = {'exited': 1, 'exitcode': code}
                data.update((k, v.decode('utf-8', 'replace')) for k, v in (('out-data', out), ('err-data', err)) if v)
        elif call == 'file-read':
            _, out, _ = await self.run(vmid, ['head', '-c', str(MAX_FILE + 1), '--', one['file']])
            data = {'content': out[:MAX_FILE].decode('latin-1')}
            if len(out) > MAX_FILE:
                data['truncated'] = 1
        elif call == 'file-write':
            content = one['content'].encode()
            if one.get('encode') == '0':
                content = base64.b64decode(content)
            # truncates and keeps the mode, as the agent does
            await self.run(vmid, ['sh', '-c', 'cat >"$1"', 'sh', one['file']], content)
        return data
