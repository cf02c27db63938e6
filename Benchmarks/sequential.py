"""Asks what Phoenix asks, one request after another, as a script with proxmoxer does.

sequential.py HOST:PORT CA.pem TOKENS.json PATHS     PATHS holds a path of the API a line
"""

import json
import sys
import urllib.parse

from proxmoxer import ProxmoxAPI


def main(endpoint, ca, tokens, paths):
    (name, secret), = json.load(open(tokens))['tokens'].items()
    user, _, token = name.partition('!')
    api = ProxmoxAPI(endpoint, user=user, token_name=token, token_value=secret, verify_ssl=ca, timeout=30)
    for line in open(paths):
        path, _, query = line.strip().removeprefix('/api2/json/').partition('?')
        if api(path).get(**dict(urllib.parse.parse_qsl(query))) is None:
            sys.exit(f'nothing at {path}')


main(*sys.argv[1:])
