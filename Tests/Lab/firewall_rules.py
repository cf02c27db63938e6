"""Proxmox's stored firewall as an nftables ruleset for the bridge. Pure: what was read goes in, text comes out.

Guests: a chain for what comes out of a port and one for what goes in; a packet between two guests passes both, as on
the real bridge. The host's own rules (datacenter and node) guard the hypervisor's port.
REJECT is DROP, as in Proxmox's own nftables backend. Not translated: macfilter, ipfilter, dhcp and radv options,
rate limits, log levels, forward rules.
"""

import re

# name: [(protocol, ports)]; an unknown macro is an error, not silence.
MACROS = {
    'SSH': [('tcp', '22')], 'HTTP': [('tcp', '80')], 'HTTPS': [('tcp', '443')], 'Web': [('tcp', '80'), ('tcp', '443')],
    'DNS': [('udp', '53'), ('tcp', '53')], 'NTP': [('udp', '123')], 'Ping': [('icmp', 'echo-request')],
    'SMB': [('tcp', '139,445')], 'NFS': [('tcp', '2049')], 'Webcache': [('tcp', '8080')], 'MDNS': [('udp', '5353')],
}
SERVICES = {'ssh': 22, 'domain': 53, 'http': 80, 'https': 443, 'ntp': 123, 'nfs': 2049, 'sunrpc': 111, 'syslog': 514}
VERDICT = {'ACCEPT': 'return', 'DROP': 'drop', 'REJECT': 'drop'}
# pve-firewall opens these to its local network by itself, or one could lock oneself out of the host.
MANAGEMENT = 'ip saddr 10.0.0.0/24 tcp dport { 22, 3128, 5900-5999, 8006, 60000-60050 } counter return'

# `ct` does not work in table bridge here, so established flows are kept in sets: an accepted packet enters its tuple,
# a packet that goes the same way or back passes, unless it opens a new TCP connection.
FRAME = '''
table bridge pvefw {
  set flows4 { type ipv4_addr . ipv4_addr . inet_proto . inet_service . inet_service; size 65535; flags dynamic,timeout; timeout 5m; }
  set flows6 { type ipv6_addr . ipv6_addr . inet_proto . inet_service . inet_service; size 65535; flags dynamic,timeout; timeout 5m; }
  chain bridged { type filter hook forward priority 0; policy accept; }
}
flush table bridge pvefw
table bridge pvefw {
%(chains)s
  chain known {
    ether type ip meta l4proto { tcp, udp } ip daddr . ip saddr . meta l4proto . th dport . th sport @flows4 accept
    ether type ip meta l4proto { tcp, udp } ip saddr . ip daddr . meta l4proto . th sport . th dport @flows4 accept
    ether type ip6 meta l4proto { tcp, udp } ip6 daddr . ip6 saddr . meta l4proto . th dport . th sport @flows6 accept
    ether type ip6 meta l4proto { tcp, udp } ip6 saddr . ip6 daddr . meta l4proto . th sport . th dport @flows6 accept
    ether type ip icmp type { echo-reply, destination-unreachable, time-exceeded } accept
    ether type ip6 icmpv6 type { echo-reply, destination-unreachable, packet-too-big, time-exceeded } accept
  }
  chain bridged {
    ether type arp accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept
    tcp flags & (syn | ack) != syn jump known
    meta l4proto != tcp jump known
%(jumps)s
    ether type ip meta l4proto { tcp, udp } update @flows4 { ip saddr . ip daddr . meta l4proto . th sport . th dport }
    ether type ip6 meta l4proto { tcp, udp } update @flows6 { ip6 saddr . ip6 daddr . meta l4proto . th sport . th dport }
  }
}
'''


class Refused(Exception):
    """A rule that cannot be honoured; the real one skips it with a warning."""


def addresses(text, scopes):
    """(4 or 6 or None, nft expression) of a source or dest. scopes: guest's first, then the datacenter's."""
    if text.startswith('+'):
        members = [m for m in lookup(text[1:], 'ipset', scopes) if not m.get('nomatch')]
        if any(m.get('nomatch') for m in lookup(text[1:], 'ipset', scopes)):
            raise Refused(f'ipset {text}: nomatch is not translated')
        parts = [addresses(m['cidr'], scopes) for m in members]
        if not parts:
            raise Refused(f'ipset {text} is empty')
        versions = {v for v, _ in parts}
        if len(versions) > 1:
            raise Refused(f'ipset {text} mixes IPv4 and IPv6')
        return versions.pop(), ', '.join(t for _, t in parts)
    if re.match(r'^(dc/|guest/)?[A-Za-z]', text):
        return addresses(lookup(text.lower(), 'aliases', scopes), scopes)
    return (6 if ':' in text else 4), text.replace(',', ', ')


def lookup(name, kind, scopes):
    where, _, bare = name.rpartition('/')
    chosen = {'dc': scopes[-1:], 'guest': scopes[:1]}.get(where, scopes)
    for scope in chosen:
        if bare in scope[kind]:
            return scope[kind][bare]
    raise Refused(f'no {kind} {name}')


def ports(text):
    return ', '.join(str(SERVICES.get(p, p)).replace(':', '-') for p in text.split(','))


def matches(rule, scopes):
    """The nft matches of one rule: several when a macro says several."""
    common = []
    for field, key in (('source', 'saddr'), ('dest', 'daddr')):
        if rule.get(field):
            version, text = addresses(rule[field], scopes)
            common.append(f'{"ip" if version == 4 else "ip6"} {key} {{ {text} }}')
    protocols = [(rule.get('proto'), rule.get('dport'))]
    if rule.get('macro'):
        known = {k.lower(): v for k, v in MACROS.items()}.get(rule['macro'].lower())
        if known is None:
            raise Refused(f'macro {rule["macro"]} is not translated')
        protocols = known
    for protocol, dport in protocols:
        m = list(common)
        if protocol in ('icmp', 'icmpv6', 'ipv6-icmp'):
            word = 'icmp' if protocol == 'icmp' else 'icmpv6'
            kind = rule.get('icmp-type') or dport
            m.append(f'{word} type {{ {kind} }}' if kind and kind != 'any' else f'meta l4proto {"icmp" if word == "icmp" else "ipv6-icmp"}')
        elif protocol:
            m.append(f'meta l4proto {protocol}')
            for field, key in ((rule.get('sport'), 'sport'), (dport, 'dport')):
                if field:
                    m.append(f'th {key} {{ {ports(field)} }}')
        yield ' '.join(m)


def chain(name, direction, rules, policy, scopes, groups, skipped, first=()):
    lines = list(first)
    # Groups are inlined: nft's return would only leave the group's own chain.
    for rule in inlined(rules, groups):
        if isinstance(rule, Refused):
            skipped.append(f'{name}: {rule}')
            continue
        if not int(rule.get('enable', 1)) or rule['type'] != direction or rule.get('iface', 'net0') not in ('net0', 'eth0', 'vmbr0'):
            continue
        try:
            lines += [f'{m} counter {VERDICT[rule["action"]]}'.strip() for m in matches(rule, scopes)]
        except Refused as error:
            skipped.append(f'{name}: {error}')
    lines.append(f'counter {VERDICT[policy]}')
    return f'  chain {name} {{\n    ' + '\n    '.join(lines) + '\n  }'


def inlined(rules, groups):
    for rule in rules:
        if rule['type'] != 'group':
            yield rule
        elif int(rule.get('enable', 1)) and rule.get('iface', 'net0') in ('net0', 'eth0', 'vmbr0'):
            if rule['action'] in groups:
                yield from groups[rule['action']]
            else:
                yield Refused(f'no security group {rule["action"]}')


def ruleset(stored, trial_over=False):
    """(nft text, [what was skipped and why]).

    stored: {'cluster': scope, 'node': scope, 'groups': {name: rules}, 'guests': [scope + vmid, port, filtered]},
    a scope: {'options', 'rules', 'aliases': {name: cidr}, 'ipset': {name: [{'cidr', 'nomatch'}]}}
    """
    chains, jumps, skipped = [], [], []
    cluster, groups = stored['cluster'], stored['groups']
    if int(cluster['options'].get('enable', 0)) and not trial_over:
        # All out-chains come before all in-chains: a packet leaves one port before it reaches the other.
        for direction, key, default in (('out', 'iifname', 'ACCEPT'), ('in', 'oifname', 'DROP')):
            for g in stored['guests']:
                if not (int(g['options'].get('enable', 0)) and g['filtered']):
                    continue
                name = f'guest{g["vmid"]}_{direction}'
                chains.append(chain(name, direction, g['rules'], g['options'].get('policy_' + direction, default),
                                    [g, cluster], groups, skipped))
                jumps.append(f'    {key} "{g["port"]}" jump {name}')
            if int(stored['node']['options'].get('enable', 1)):
                name = f'host_{direction}'
                chains.append(chain(name, direction, stored['node']['rules'] + cluster['rules'],
                                    cluster['options'].get('policy_' + direction, default), [cluster], groups, skipped,
                                    [MANAGEMENT] if direction == 'in' else []))
                jumps.append(f'    {key} "hv0" jump {name}')
    return FRAME % {'chains': '\n'.join(chains), 'jumps': '\n'.join(jumps)}, skipped
