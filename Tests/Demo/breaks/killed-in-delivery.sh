title "kill -9 in the middle of a delivery"
since=$(now)
serve_a_dying_certificate
# The script that delivers is stopped where it has unpacked the new files and not moved them yet, and dies with phoenixd.
stop_in_delivery() {
  guest 101 timeout 60 sh -c 'while :; do
    set -- /var/lib/phoenix-certificates/*/.stage-*
    if [ -e "$1" ] && pkill -STOP -f "did not[ ]arrive"; then break; fi
  done; [ -e "$1" ]'
}
if [ -z "$control" ]; then
  stop_in_delivery &
  stopped=$!
  nudge
  check "a delivery is under way" wait $stopped
  "$lab" exec systemctl kill -s KILL --kill-who=main phoenixd
  say "phoenixd is killed"
  guest 101 pkill -KILL -f "did not[ ]arrive"
fi
heals "the restarted phoenixd finishes it" 90 serves_ours 3600
check "certificate and key are a pair" gateway_pair_matches
daemon "nothing half-delivered is left" fails guest 101 sh -c 'ls -d /var/lib/phoenix-certificates/*/.stage-*'
daemon "systemd restarted it" within 30 "$lab" exec systemctl is-active phoenixd
told "the journal tells that it was being changed" "nginx.internal.example was being changed when"
