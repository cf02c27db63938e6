"""A pass over N guests that finds nothing to do, beside others that ask the same: curl and a script with proxmoxer."""

import json
import subprocess
import sys
from statistics import median

import stand as stands
from report import middle, paired

SIZES = (5, 50, 200)
SERVERS = {'plain': 'fakepve', 'slow': '20 ms, 3 workers'}
# A sequential script takes seconds where the others take parts of one.
SEQUENTIAL_ROUNDS = 3


class Commands:
    """The commands that are compared, for one number of guests and one server."""

    def __init__(self, stand, binaries, size, server):
        self.stand = stand
        self.server = server
        config, state = stand.files(size, server)
        places = ['--config', config, '--credentials', stand.credentials, '--state', state]
        self.phoenix = [f'{binaries}/phoenix', 'plan', 'proxmox', '--standalone', '--detailed-exitcode'] + places
        self.kept = [f'{binaries}/phoenix-benchmark', 'kept'] + places
        offset = stand.offset()
        self.measured(self.phoenix)
        paths = [path for _, method, path in stand.requests(offset) if method == 'GET']
        self.count = len(paths)
        # The others are told what Phoenix finds out: the very same paths.
        listed = stand.write(f'paths-{size}', ''.join(f'{path}\n' for path in paths))
        bodies = stand.path('bodies')
        head = [f'header = "Authorization: PVEAPIToken={stand.token}"', f'cacert = "{stand.path("root.pem")}"', 'create-dirs']
        urls = []
        for index, path in enumerate(paths):
            urls += [f'url = "https://{stand.endpoints[server]}{path}"', f'output = "{bodies}/{index}"']
        curl = ['curl', '--disable', '--silent', '--show-error', '--fail', '--parallel', '--parallel-immediate',
                '--parallel-max', str(stands.CONNECTIONS), '--config']
        self.curl = curl + [stand.write(f'curl-{size}-{server}', '\n'.join(head + urls))]
        # What the second half of this costs is curl's own pass over open connections.
        self.curl_twice = curl + [stand.write(f'curl-twice-{size}-{server}', '\n'.join(head + urls + urls))]
        self.sequential = [sys.executable, f'{stands.HERE}/sequential.py', stand.endpoints[server], stand.path('root.pem'),
                           stand.tokens, listed]

    def measured(self, command):
        log = self.stand.path('output')
        done = subprocess.run([sys.executable, '-I', '-S', f'{stands.HERE}/measure.py', log, *command],
                              capture_output=True, text=True, check=True)
        result = json.loads(done.stdout)
        if result['exit']:
            sys.exit(f'{" ".join(command)}: exit {result["exit"]}\n{open(log).read()[-3000:]}')
        return result

    def curl_kept(self, cold):
        """curl's pass over open connections: fetching everything twice, less fetching it once."""
        twice = self.measured(self.curl_twice)
        return {key: twice[key] - cold[key] for key in ('wall', 'cpu')}

    def kept_passes(self):
        """The median of the passes that found connections open."""
        self.measured(self.kept)
        passes = [json.loads(line) for line in open(self.stand.path('output'))]
        kept = [p for p in passes if p['kept']]
        return {key: median(p[key] for p in kept) for key in ('wall', 'cpu')}


def measure(stand, binaries, rounds, report):
    for server in SERVERS:
        for size in SIZES:
            measure_one(stand, binaries, rounds, report, size, server)
    for size in SIZES:
        without_firewalls(stand, binaries, report, size)


def measure_one(stand, binaries, rounds, report, size, server):
    commands = Commands(stand, binaries, size, server)
    # The first run of each warms the files' pages, and does not count.
    for command in (commands.phoenix, commands.curl, commands.sequential):
        commands.measured(command)
    runs = {'phoenix': [], 'kept': [], 'curl': [], 'curl kept': [], 'sequential': []}
    for number in range(rounds):
        runs['phoenix'].append(commands.measured(commands.phoenix))
        runs['curl'].append(commands.measured(commands.curl))
        runs['curl kept'].append(commands.curl_kept(runs['curl'][-1]))
        runs['kept'].append(commands.kept_passes())
        if number < SEQUENTIAL_ROUNDS:
            runs['sequential'].append(commands.measured(commands.sequential))
    where = f'{size} guests, {SERVERS[server]}'
    names = {'phoenix': 'phoenix', 'kept': 'phoenix, connections kept', 'curl': 'curl --parallel',
             'curl kept': 'curl --parallel, connections kept', 'sequential': 'proxmoxer, sequential'}
    for key, name in names.items():
        mine = runs[key]
        report.row(f'{where}: {name}', commands.count, middle(mine, 'wall'), middle(mine, 'cpu'),
                   None if 'kept' in key else middle(mine, 'rss'), paired(mine, runs['curl'], 'wall'), paired(mine, runs['curl'], 'cpu'))
    report.bar(f'requests of a pass over {where}', commands.count, 12 + 3 * size)
    if size == max(SIZES):
        report.bar(f'wall beside curl, {where}', paired(runs['phoenix'], runs['curl'], 'wall'), 1.15)
        report.bar(f'CPU beside curl, {where}', paired(runs['phoenix'], runs['curl'], 'cpu'), 1.3)
        report.bar(f'wall with connections kept beside curl with connections kept, {where}',
                   paired(runs['kept'], runs['curl kept'], 'wall'), 1.15)
        report.bar(f'wall beside sequential proxmoxer, {where}', paired(runs['phoenix'], runs['sequential'], 'wall'), 1 / 3)


def without_firewalls(stand, binaries, report, size):
    config, state = stand.files(size, 'plain', with_firewalls=False)
    offset = stand.offset()
    # 69: the systems that this homelab does not have cannot be read.
    stands.run([f'{binaries}/phoenix', 'plan', '--standalone', '--config', config, '--credentials', stand.credentials,
                '--state', state], allowed=(0, 69))
    count = len(stand.requests(offset))
    report.row(f'{size} guests, no firewall declared: phoenix', count)
    report.bar(f'requests of a pass over {size} guests without declared firewalls', count, 12 + size)
