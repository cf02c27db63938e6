# Faults on demand: in the Proxmox proxy, in nft, and between the hypervisor and any server it calls.

fault() {
  local target=$1 mode=${2:-}
  [ -n "$mode" ] || die "fault TARGET MODE"
  [ "$target" = step-ca ] && target=10.0.0.10:9000
  case $target in
    pve) fault_line "$run/faults/pve" "$mode" "${3:-}" ;;
    nft) if [ "$mode" = on ]; then touch "$run/faults/nft"; else rm -f "$run/faults/nft"; fi ;;
    *:*) if [ "$mode" = off ]; then intercept_off "$target"; else intercept "$target" "$mode"; fi ;;
    *) die "no such target: $target" ;;
  esac
}
# One fault at a time for a path prefix; off ends them all.
fault_line() { # FILE MODE [PREFIX]
  : >"$1.new"
  [ "$2" = off ] || { awk -v p="${3:-}" 'NF && $2 != p' "$1"; echo "$2 ${3:-}"; } >"$1.new" 2>/dev/null
  mv "$1.new" "$1"
}

# The hypervisor's connections to IP:PORT are redirected into a fault proxy: its configuration stays as it is.
fault_mark=4660
intercept() { # IP:PORT MODE
  local target=$1 ip=${1%:*} port=${1#*:} name=fault-${1/:/-} listen
  listen=$((20000 + port))
  fault_certificates "$target"
  printf '%s\n' "$2" >"$run/faults/$name.new"
  mv "$run/faults/$name.new" "$run/faults/$name"
  process "$name" >/dev/null && sleep 0.2 && return 0   # it is there; one look of its loop
  server "$name" hv $python -B "$here/fault_proxy.py" --listen "$hypervisor_ip:$listen" --target "$target" \
    --faults "$run/faults/$name" --log "$log/$name.tsv" --certs "$secrets/$name" --mark $fault_mark
  in_netns hv nft -f - <<NFT
table ip labfault_${listen} {}
delete table ip labfault_${listen}
table ip labfault_${listen} {
  chain output {
    type nat hook output priority -100
    ip daddr $ip tcp dport $port meta mark != $fault_mark dnat to $hypervisor_ip:$listen
  }
}
NFT
  [ "$2" = refuse ] || wait_for 5 in_netns hv bash -c "</dev/tcp/$hypervisor_ip/$listen"
}
intercept_off() {
  local port=${1#*:}
  in_netns hv nft delete table ip "labfault_$((20000 + port))" 2>/dev/null || true
  server_stop "fault-${1/:/-}"
}
fault_proxies() { local p; for p in "$run"/pids/fault-*; do [ ! -e "$p" ] || echo "${p##*/}"; done; }

# The right certificate for the address and two wrong ones, by Step-CA's own intermediate or nobody's CA.
fault_certificates() {
  local prefix=$secrets/fault-${1/:/-} names=("${1%:*}")
  [ "$prefix-wrong-ca.pem" -nt "$(machine_dir 103)/root/etc/step-ca/certs/intermediate_ca.crt" ] && return 0
  [ "$names" = 10.0.0.10 ] && names+=(step-ca.internal.example)
  mint "$prefix-right" 365 "${names[@]}"
  mint "$prefix-expired" -1 "${names[@]}"
  "$venv" "$here/pki.py" leaf "$prefix-wrong-ca" --ca "$secrets/stock-root.pem" --ca-key "$secrets/stock-root.key" "${names[@]/#/--san=}"
}

# mint PREFIX DAYS NAME...: PREFIX.pem and PREFIX.key by Step-CA's intermediate, behind its back and with any lifetime
mint() {
  local prefix=$1 days=$2 ca
  shift 2
  ca=$(machine_dir 103)/root/etc/step-ca
  "$venv" "$here/pki.py" leaf "$prefix" --ca "$ca/certs/intermediate_ca.crt" --ca-key "$ca/secrets/intermediate_ca_key" \
    --ca-password "$ca/secrets/password" --days="$days" "${@/#/--san=}"
}
