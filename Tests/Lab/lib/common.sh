# Names, paths and small helpers of the lab; sourced by ./lab.

repo=$(cd "$here/../.." && pwd)
lab_dir=$repo/.lab
cache=${PHOENIX_LAB_CACHE:-$lab_dir/cache}
run=$lab_dir/run
log=$run/log
secrets=$run/secrets
# Whatever the kernel names globally carries this, so that two clones run their labs side by side.
prefix=phx-$(printf %s "$lab_dir" | sha256sum | cut -c1-6)

node=pve1
hypervisor_ip=10.0.0.13
stranger_ip=10.0.0.200
pve_port=8006
upstream_port=8007   # fakepve itself, on the hypervisor's loopback
guest_list=$here/guests.json
python=/usr/bin/python3
venv=$cache/venv/bin/python

export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }
die() { say "lab: $*"; exit 1; }

# step NAME CMD...: run CMD quietly, print how long it took; on failure show the end of its output.
step() {
  local name=$1 out=$log/steps/$1.log t0=$EPOCHREALTIME rc=0
  shift
  mkdir -p "$log/steps"
  # A subshell of its own, not `|| rc=$?`: that would switch off set -e inside CMD.
  set +e
  (set -e; "$@") >"$out" 2>&1
  rc=$?
  set -e
  printf '%-24s %6.1fs  %s\n' "$name" "$(bc <<<"$EPOCHREALTIME - $t0")" "$([ $rc = 0 ] && echo ok || echo "FAILED ($rc)")" >&2
  [ $rc = 0 ] || { tail -n 20 "$out" >&2; return $rc; }
}

# together NAME:FUNCTION ARGS... -- NAME:FUNCTION ARGS... : steps side by side; fails when one fails.
together() {
  local words=() pids=() rc=0 p
  while [ $# -gt 0 ]; do
    words=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do words+=("$1"); shift; done
    [ $# -gt 0 ] && shift
    step "${words[@]}" &
    pids+=($!)
  done
  for p in "${pids[@]}"; do wait "$p" || rc=1; done
  return $rc
}

# wait_for SECONDS CMD...
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { say "gave up waiting for: $*"; return 1; }
    sleep 0.1
  done
}

# --- the table of guests

guest() { jq -r --argjson id "$1" ".guests[] | select(.vmid == \$id) | $2" "$guest_list"; }
guests() { jq -r '.guests[].vmid' "$guest_list"; }
machines() { guests; echo hv; }
is_vm() { case $1 in 1???) true ;; *) false ;; esac }
machine_name() { if [ "$1" = hv ]; then echo $node; else guest "$1" .name; fi; }
machine_ip() {
  case $1 in
    hv | hypervisor) echo $hypervisor_ip ;;
    *) guest "$1" '(.config.ipconfig0 // .config.net0) | capture("ip=(?<ip>[0-9.]+)/").ip' ;;
  esac
}
machine_mac() {
  if [ "$1" = hv ]; then echo bc:24:11:00:00:13; else guest "$1" '.config.net0 | capture("(hwaddr|virtio)=(?<mac>[0-9A-Fa-f:]+)").mac'; fi
}
machine_port() { if [ "$1" = hv ]; then echo hv0; elif is_vm "$1"; then echo "tap${1}i0"; else echo "veth${1}i0"; fi; }
need_machine() { grep -qx -- "$1" <<<"$(machines)" || die "no machine $1 (there are: $(machines | tr "\n" " "))"; }

netns() { echo "$prefix-$1"; }
# Not `ip netns exec`: that mounts a new /sys, without the cgroups.
in_netns() {
  local ns=/run/netns/$(netns "$1")
  shift
  [ -e "$ns" ] || die "the lab is not up"
  nsenter --net="$ns" -- "$@"
}

# --- processes of ours: pid and start time, so that a reused pid is never taken for ours

# nothing for a zombie: it is dead, whenever its parent cares to notice
process_start() { awk '{sub(/^.*\) /, ""); if ($1 != "Z") print $20}' "/proc/$1/stat" 2>/dev/null; }
remember() { echo "$2 $(process_start "$2")" >"$run/pids/$1"; }
process() {
  local pid start
  read -r pid start <"$run/pids/$1" || return 1
  [ -n "$start" ] && [ "$(process_start "$pid")" = "$start" ] || return 1
  echo "$pid"
} 2>/dev/null
# server NAME NETNS CMD...: start CMD in a namespace, detached, unless it runs.
# 7, 8 and 9 are locks (a guest's, the cache's, the lab's): what outlives us must not inherit them.
server() {
  local name=$1 ns=$2
  shift 2
  process "$name" >/dev/null && return 0
  (exec setsid nsenter --net="/run/netns/$(netns "$ns")" -- "$@" >>"$log/$name.log" 2>&1 </dev/null 7>&- 8>&- 9>&-) &
  remember "$name" $!
}
server_stop() {
  local pid
  pid=$(process "$1") || return 0
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 30); do process "$1" >/dev/null || break; sleep 0.1; done
  pid=$(process "$1") && kill -9 "$pid" 2>/dev/null || true
  rm -f "$run/pids/$1"
}
