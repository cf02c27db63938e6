title "A rule of the manager's firewall is deleted"
since=$(now)
rules=/nodes/pve1/qemu/1001/firewall/rules
traefik_rule() { "$lab" pve GET $rules | jq -r '[.data[] | select(.dport == "2376" and .source == "10.0.0.12")][0].pos // empty'; }
delete_rule() { local pos; pos=$(traefik_rule) && [ -n "$pos" ] && "$lab" pve DELETE "$rules/$pos"; }
delete_rule >/dev/null
comes "Traefik's packets no longer reach the Docker API" 5 is_closed_to_traefik
nudge
heals "they do again" 20 traefik_pings
told "the journal tells it" "proxmox/firewall/1001.*(differs|done and proved)"
