"""Rows of the table, and the bars that the ratios are held against."""

from statistics import median

COLUMNS = ('case', 'requests', 'wall', 'CPU', 'RSS', 'wall ratio', 'CPU ratio')


class Report:
    def __init__(self):
        self.rows = []
        self.bars = []

    def row(self, case, requests=None, wall=None, cpu=None, rss=None, wall_ratio=None, cpu_ratio=None):
        """Seconds, and KB of memory."""
        self.rows.append((
            case, '' if requests is None else str(requests), seconds(wall), cpu if isinstance(cpu, str) else seconds(cpu),
            rss if isinstance(rss, str) else '' if rss is None else f'{rss / 1024:.1f} MB', ratio(wall_ratio), ratio(cpu_ratio)))

    def bar(self, what, value, limit):
        """A bar that gates: a ratio or a count of this very run."""
        self.bars.append((what, value, limit))

    def text(self):
        widths = [max(len(row[i]) for row in [COLUMNS, *self.rows]) for i in range(len(COLUMNS))]

        def line(cells):
            return '| ' + ' | '.join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths))) + ' |'
        rule = '|' + '|'.join('-' * (w + 1) + ('-' if i == 0 else ':') for i, w in enumerate(widths)) + '|'
        return '\n'.join([line(COLUMNS), rule, *map(line, self.rows)])

    def bars_text(self):
        return '\n'.join(f'{"holds " if value <= limit else "MISSED"} {what}: {value:.4g}, at most {limit:g}' for what, value, limit in self.bars)

    def missed(self):
        return [f'{what} is {value:.4g}, and must be at most {limit:g}' for what, value, limit in self.bars if value > limit]


def seconds(value):
    if value is None:
        return ''
    return f'{value:.2f} s' if value >= 1 else f'{value * 1000:.1f} ms'


def ratio(value):
    return '' if value is None else f'{value:.2f}'


def paired(runs, others, key):
    """The median of the ratios of runs that followed each other: a machine that slows down does so for both."""
    return median(a[key] / b[key] for a, b in zip(runs, others))


def middle(runs, key):
    return median(r[key] for r in runs)
