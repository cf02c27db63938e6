# The switch: a namespace with the bridge vmbr0, and a port for every machine, named as Proxmox names them.

network_up() {
  local sw=$prefix-sw id
  ip netns add "$sw" 2>/dev/null || true
  ip -n "$sw" link set lo up
  if ! ip -n "$sw" link show vmbr0 >/dev/null 2>&1; then
    ip -n "$sw" link add vmbr0 type bridge
    ip -n "$sw" addr add 10.0.0.1/24 dev vmbr0   # the LAN's gateway; leads nowhere
    ip -n "$sw" link set vmbr0 up
  fi
  for id in $(machines); do attach "$id" "$(machine_port "$id")" "$(machine_ip "$id")" "$(machine_mac "$id")"; done
  # A host on the LAN that nobody declared. The hypervisor has a port like any other machine,
  # or the bridge's forward hook would never see what it sends to the guests.
  attach stranger stranger0 $stranger_ip bc:24:11:00:02:00
}
attach() { # MACHINE PORT ADDRESS MAC
  local sw=$prefix-sw ns
  ns=$(netns "$1")
  ip netns add "$ns" 2>/dev/null || true
  ip -n "$ns" link show eth0 >/dev/null 2>&1 && return 0
  ip -n "$sw" link add "$2" type veth peer name eth0 netns "$ns" address "$4"
  ip -n "$sw" link set "$2" master vmbr0 up
  ip -n "$ns" link set lo up
  ip -n "$ns" addr add "$3/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" route add default via 10.0.0.1
}
network_down() {
  local ns
  for ns in $(ours_netns); do
    # Whoever still lives in it (a server whose pid file is gone) would keep it.
    kill -9 $(ip netns pids "$ns") 2>/dev/null || true
    ip netns del "$ns" || true
  done
}
ours_netns() { ip netns list | awk -v p="$prefix-" 'index($1, p) == 1 {print $1}'; }

# probe FROM IP PORT: open | closed | refused, by a real packet. A packet that reached the machine and found
# no listener is "refused": the firewall let it pass.
probe() {
  local from=$1
  [ $# = 3 ] || die "probe FROM IP PORT"
  [ "$from" = hypervisor ] && from=hv
  in_netns "$from" $python - "$2" "$3" <<'PY'
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1.5).close()
    print("open")
except ConnectionRefusedError:
    print("refused")
except OSError:
    print("closed")
PY
}
