# Faults on demand: in the Proxmox proxy, in nft, and between the hypervisor and any server it calls.

fault() {
  local target=$1 mode=${2:-}
  [ -n "$mode" ] || die "fault TARGET MODE"
  case $target in
    pve) fault_line "$run/faults/pve" "$mode" "${3:-}" ;;
    nft) if [ "$mode" = on ]; then touch "$run/faults/nft"; else rm -f "$run/faults/nft"; fi ;;
    *) die "no fault for $target yet" ;;
  esac
}
# One fault at a time for a path prefix; off ends them all.
fault_line() { # FILE MODE [PREFIX]
  local keep=
  if [ "$2" != off ]; then
    keep=$(awk -v p="$3" '$2 != p' "$1" 2>/dev/null)
    printf '%s\n' "$keep" "$2 $3" >"$1.new"
  else
    : >"$1.new"
  fi
  mv "$1.new" "$1"
}
faults_running() { :; }
