"""A guest started or stopped through the API starts or stops in the lab, and the other way round.

follow_power.py --upstream HOST:PORT --ca FILE --tokens FILE --changes ACCESS.LOG --pids DIR --lab PATH
"""

import argparse
import re
import subprocess
import time

from pve_client import Changes, Client, client_arguments

REBOOT = re.compile(r'/(\d+)/status/(reboot|reset)$')


class Follower:
    def __init__(self, a):
        self.a = a
        self.client = Client(a.upstream, a.ca, a.tokens)
        self.changes = Changes(a.changes)
        self.seen = {}  # vmid: status both sides last agreed on

    def real(self, vmid):
        """From the lab's pid file: pid and start time."""
        try:
            pid, start = open(f'{self.a.pids}/machine-{vmid}').read().split()
            alive = open(f'/proc/{pid}/stat').read().rpartition(') ')[2].split()[19] == start
        except (OSError, ValueError, IndexError):
            alive = False
        return 'running' if alive else 'stopped'

    def lab(self, verb, vmid):
        done = subprocess.run([self.a.lab, verb, str(vmid)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        print(f'api: {verb} {vmid}: {done.returncode} {done.stderr.strip()}', flush=True)

    def once(self):
        mutations = self.changes.look()
        if not (mutations or not self.seen or any(self.real(v) != s for v, s in self.seen.items())):
            return
        reboots = {m.group(1) for m in (REBOOT.search(path) for _, path in mutations) if m}
        for vmid, base, item in self.client.guests():
            wanted, real, seen = item['status'], self.real(vmid), self.seen.get(vmid)
            if str(vmid) in reboots and real == 'running':
                self.lab('stop', vmid)
                self.lab('start', vmid)
            elif wanted != real and seen is not None and wanted != seen:  # the API changed it
                self.lab('start' if wanted == 'running' else 'stop', vmid)
            elif wanted != real:                                          # the lab did, or the guest itself
                self.client.request('POST', base + '/status/' + ('start' if real == 'running' else 'stop'))
                print(f'lab: {vmid} {real}', flush=True)
            self.seen[vmid] = self.real(vmid)

    def run(self):
        while True:
            try:
                self.once()
            except Exception as error:  # noqa: BLE001 - the next look tries again
                print(f'{type(error).__name__}: {error}', flush=True)
            time.sleep(0.2)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    client_arguments(p)
    for name in ('--changes', '--pids', '--lab'):
        p.add_argument(name, required=True)
    Follower(p.parse_args()).run()


if __name__ == '__main__':
    main()
