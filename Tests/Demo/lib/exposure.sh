# Who reaches which port, from where: by a packet each, against a table that is fixed beforehand.
# closed: no answer at all. refused: let through, and nobody listens. open: somebody answers.

exposure_expected() {
  cat <<'TABLE'
stranger 101  22   closed  SSH is for phoenixd
stranger 101  80   open    redirects to HTTPS
stranger 101  443  open    the gateway
stranger 102  443  closed  Traefik is for the gateway
stranger 102  8443 closed  Traefik is for the gateway
stranger 103  9000 open    certificates for the internal network
stranger 103  22   closed  SSH is for phoenixd
stranger 1001 22   closed  SSH is for phoenixd
stranger 1001 2375 closed  never
stranger 1001 2376 closed  the Docker API is for its clients
stranger 1001 2377 closed  the swarm is for its nodes
stranger 1001 7946 closed  the swarm is for its nodes
stranger 1001 8080 closed  services are reached through the gateway
stranger 1002 2375 closed  never
stranger 1002 2376 closed  a worker has no Docker API
stranger 1002 7946 closed  the swarm is for its nodes
101      102  8443 open    the gateway speaks to Traefik
101      1001 2376 closed  the gateway is no client of Docker
101      1001 8080 closed  services are reached by way of Traefik
102      1001 2375 closed  never
102      1001 2376 open    Traefik is a client of Docker
102      1001 8080 passed  Traefik to the service
102      1002 8080 passed  Traefik to the service
102      1002 2376 closed  a worker has no Docker API
103      1001 2376 closed  Step-CA is no client of Docker
1002     1001 2375 closed  never
1002     1001 2376 closed  a worker is no client of Docker
1002     1001 2377 open    the swarm's nodes
1001     1002 7946 open    the swarm's nodes
hv       101  22   open    phoenixd
hv       102  8443 open    phoenixd asks Traefik's API
hv       1001 22   open    phoenixd
hv       1001 2375 closed  never
hv       1001 2376 open    phoenixd is a client of Docker
1001     stranger/6 9    refused IPv6 carries packets here: the lines below say something
stranger 1001/6     22   closed  nothing is let in over IPv6
stranger 1001/6     2375 closed  never
stranger 1001/6     2376 closed  clients come over IPv4
stranger 1001/6     8080 closed  services are reached through the gateway
stranger 1002/6     2375 closed  never
102      1001/6     2376 closed  Traefik comes over IPv4
102      1001/6     8080 closed  Traefik comes over IPv4
TABLE
}

# exposure_address TO: its address in the lab; with /6 behind it, the one that each interface has by itself.
exposure_address() {
  case $1 in
    stranger/6) "$lab" client ip -6 -j address show dev eth0 scope link ;;
    */6) guest "${1%/6}" ip -6 -j address show dev eth0 scope link ;;
    *) jq --arg id "$1" '[{addr_info: [{local: .addresses[$id]}]}]' "$repo/.lab/run/facts.json" ;;
  esac | jq -r '.[0].addr_info[0].local | if startswith("fe80") then . + "%eth0" else . end'
}

exposure() {
  title "Who reaches which port, from where"
  local from to port expected why seen directory number=0
  directory=$(mktemp -d)
  while read -r from to port expected why; do
    probe "$from" "$(exposure_address "$to")" "$port" >"$directory/$number" &
    number=$((number + 1))
  done < <(exposure_expected)
  wait
  number=0
  printf '   %-9s %-10s %-5s %-9s %-9s\n' FROM TO PORT EXPECTED SEEN
  while read -r from to port expected why; do
    seen=$(<"$directory/$number")
    number=$((number + 1))
    printf '   %-9s %-10s %-5s %-9s %-9s %s\n' "$from" "$to" "$port" "$expected" "$seen" "$why"
    checks=$((checks + 1))
    # passed: the firewall lets it through; whether somebody listens depends on where the task runs.
    case $expected:$seen in
      passed:open | passed:refused) ;;
      *) [ "$expected" = "$seen" ] || { failures=$((failures + 1)); echo "   FAILED the line above"; } ;;
    esac
  done < <(exposure_expected)
  rm -rf "$directory"
}
