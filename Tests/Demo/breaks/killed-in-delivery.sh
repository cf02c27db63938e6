title "kill -9 in the middle of a delivery"
since=$(now)
serve_a_dying_certificate
nudge
[ -n "$control" ] || { sleep 0.7; "$lab" exec systemctl kill -s KILL --kill-who=main phoenixd; say "killed"; }
heals "the restarted phoenixd finishes it" 90 serves_ours 3600
check "certificate and key are a pair" gateway_pair_matches
daemon "systemd restarted it" within 30 "$lab" exec systemctl is-active phoenixd
show_journal "interrupted|was being changed|nginx.internal.example" 4
