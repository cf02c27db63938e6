"""Make Proxmox's stored firewall true on the switch: read it through the API, translate, load with nft.

enforce_firewall.py --upstream HOST:PORT --ca FILE --tokens FILE --changes ACCESS.LOG --netns FILE --status FILE
                    [--trial-seconds N] [--break FILE]

It reads again when a mutation passed the proxy, and every 10 s as pve-firewall does. The status file says whether the
kernel holds what is stored: {"ok", "at", "error", "skipped"}. While --break exists, nft is fed a broken line.
"""

import argparse
import json
import os
import subprocess
import time

from firewall_rules import ruleset
from pve_client import Changes, Client, client_arguments

PERIOD = 10


def scope(client, base):
    firewall = base + '/firewall'
    return {'options': client.get(firewall + '/options'), 'rules': client.get(firewall + '/rules'),
            'aliases': {a['name'].lower(): a['cidr'] for a in client.get(firewall + '/aliases')},
            'ipset': {s['name']: client.get(f'{firewall}/ipset/{s["name"]}') for s in client.get(firewall + '/ipset')}}


def stored(client, node='pve1'):
    guests = []
    for vmid, base, item in client.guests():
        port = ('tap%si0' if item['type'] == 'qemu' else 'veth%si0') % vmid
        net = client.get(base + '/config').get('net0', '')
        guests.append(dict(scope(client, base), vmid=vmid, port=port, filtered='firewall=1' in net.split(',')))
    host = f'/nodes/{node}/firewall'
    return {'cluster': scope(client, '/cluster'), 'guests': guests,
            'node': {'options': client.get(host + '/options'), 'rules': client.get(host + '/rules')},
            'groups': {g['group']: client.get('/cluster/firewall/groups/' + g['group'])
                       for g in client.get('/cluster/firewall/groups')}}


class Enforcer:
    def __init__(self, a):
        self.a = a
        self.client = Client(a.upstream, a.ca, a.tokens)
        self.loaded = None  # the text the kernel holds
        self.said = None
        self.trial = None   # (the value of enable, when it was first seen)

    def once(self):
        try:
            state = stored(self.client)
            text, skipped = ruleset(state, self.trial_over(state))
            if os.path.exists(self.a.break_file):
                text += '\nthis is no nft\n'
            if text != self.loaded:
                self.load(text)
            self.say(True, skipped=skipped)
        except Exception as error:  # noqa: BLE001 - whatever it is, the status must tell that the kernel lags behind
            self.say(False, error=str(error)[:1000])

    def load(self, text):
        done = subprocess.run(['nsenter', '--net=' + self.a.netns, '--', 'nft', '-f', '-'], input=text, text=True, capture_output=True)
        if done.returncode:
            self.loaded = None
            raise RuntimeError(f'nft ({done.returncode}): {done.stderr.strip()}')
        self.loaded = text

    def trial_over(self, state):
        """enable above 1 is the time of a trial: unless it becomes 1, the whole firewall goes off again."""
        value = int(state['cluster']['options'].get('enable', 0))
        if value <= 1:
            self.trial = None
            return False
        if self.trial is None or self.trial[0] != value:
            self.trial = (value, time.monotonic())
        if time.monotonic() - self.trial[1] < self.a.trial_seconds:
            return False
        self.client.request('PUT', '/cluster/firewall/options', enable=0)  # what the real one reads from then on
        return True

    def say(self, ok, error=None, skipped=None):
        status = {'ok': ok, 'at': time.time(), 'error': error, 'skipped': skipped or []}
        with open(self.a.status + '.new', 'w') as f:
            json.dump(status, f)
        os.replace(self.a.status + '.new', self.a.status)
        if (ok, error, skipped) != self.said:
            self.said = (ok, error, skipped)
            print(json.dumps(status), flush=True)

    def run(self):
        changes = Changes(self.a.changes)
        again = 0
        while True:
            if changes.look() or time.monotonic() >= again:
                self.once()
                ok = self.loaded is not None
                again = time.monotonic() + (PERIOD if ok and self.trial is None else 0.5)
            time.sleep(0.05)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    client_arguments(p)
    for name in ('--changes', '--netns', '--status'):
        p.add_argument(name, required=True)
    p.add_argument('--trial-seconds', type=float, default=60)
    p.add_argument('--break', dest='break_file', default='/nonexistent')
    Enforcer(p.parse_args()).run()


if __name__ == '__main__':
    main()
