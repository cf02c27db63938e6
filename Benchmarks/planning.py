"""Diff and plan of 1,000 and 10,000 firewalls, in one process and without IO."""

import json
import subprocess
from statistics import median

SMALL, LARGE = 1000, 10000
# Ten times as many may take ten times as long, and what sorting and a colder cache add.
LINEAR = 15


def measure(binaries, report):
    done = subprocess.run([f'{binaries}/phoenix-benchmark', 'plan', str(SMALL), str(LARGE)], stdout=subprocess.PIPE, text=True, check=True)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    for drifted, name in ((False, 'all as they should be'), (True, 'each with a rule lost')):
        wall = {size: median(r['wall'] for r in runs if r['size'] == size and r['drifted'] is drifted) for size in (SMALL, LARGE)}
        report.row(f'diff + plan of {SMALL:,}, {name}', wall=wall[SMALL], wall_ratio=1)
        report.row(f'diff + plan of {LARGE:,}, {name} (stated: 100 ms)', wall=wall[LARGE], wall_ratio=wall[LARGE] / wall[SMALL])
        report.bar(f'diff + plan of {LARGE:,} beside {SMALL:,}, {name}', wall[LARGE] / wall[SMALL], LINEAR)
