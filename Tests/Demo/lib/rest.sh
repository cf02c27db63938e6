# Ten passes over a world that is as it should be: nothing is written, to anything.

mutating_requests() { tail -n +$((lines + 1)) "$LAB_PROXMOX_ACCESS_LOG" | awk -F'\t' '$3 != "GET"' | wc -l; }
reading_requests() { tail -n +$((lines + 1)) "$LAB_PROXMOX_ACCESS_LOG" | awk -F'\t' '$3 == "GET"' | wc -l; }
state_writes() { "$lab" exec curl -s --unix-socket /run/phoenix/status.sock http://phoenix/metrics | awk '/^phoenix_state_writes_total/ {print $2}'; }
certificates_issued() { guest 103 grep -cE 'path="?/(1.0/)?(sign|renew|rekey)' /var/log/step-ca.log; }
# Names, times and inodes of all that Phoenix keeps in guests, and who serves.
kept_files() {
  guest 101 sh -c 'find /etc/nginx /var/lib/phoenix-certificates -printf "%p %C@ %i\n" | sort; systemctl show -P MainPID nginx'
  guest 102 sh -c 'find /etc/traefik /var/lib/phoenix-certificates -printf "%p %C@ %i\n" | sort; systemctl show -P MainPID traefik'
  guest 1001 sh -c 'find /etc/phoenix-docker /etc/systemd/system /etc/docker /var/lib/phoenix-certificates -printf "%p %C@ %i\n" | sort
    systemctl show -P MainPID phoenix-docker-proxy docker'
}
swarm_versions() {
  guest 1001 sh -c 'docker service inspect --format "{{.ID}} {{.Version.Index}}" $(docker service ls -q)
    docker node inspect --format "{{.ID}} {{.Spec}}" $(docker node ls -q)'
}

at_rest() {
  title "At rest: ten passes write nothing"
  phoenix reconcile --wait >/dev/null 2>&1
  lines=$(wc -l <"$LAB_PROXMOX_ACCESS_LOG")
  local writes files issued swarm
  writes=$(state_writes) files=$(kept_files) issued=$(certificates_issued) swarm=$(swarm_versions)
  for _ in 1 2 3 4 5 6 7 8 9 10; do phoenix reconcile --wait >/dev/null 2>&1; done
  check "Proxmox's log holds reads ($(reading_requests)) and no write ($(mutating_requests))" test "$(mutating_requests)" = 0 -a "$(reading_requests)" -gt 10
  check "Step-CA's log holds no certificate more ($issued)" test "$issued" -gt 0 -a "$issued" = "$(certificates_issued)"
  check "phoenixd's own write counter stands at $writes" test -n "$writes" -a "$writes" = "$(state_writes)"
  check "ctimes, inodes and the servers' PIDs are as they were" is "$files" "$(kept_files)"
  check "the swarm's objects have the versions that they had" is "$swarm" "$(swarm_versions)"
}
