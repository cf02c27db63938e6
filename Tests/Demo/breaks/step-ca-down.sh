title "Step-CA is down while a renewal falls due"
since=$(now)
guest 103 systemctl stop step-ca
serve_a_dying_certificate
nudge
heals "what was issued before is put back without it" 60 serves_ours 3600
before=$(fingerprint)
another_is_served() { local now; now=$(fingerprint); [ -n "$now" ] && [ "$now" != "$before" ] && serves_ours 3600; }
waits_for_it() { local said; ! said=$(phoenix certificate renew nginx.internal.example 2>&1) && grep -q 'waits for step-ca' <<<"$said"; }
daemon "a renewal that is due waits for it" waits_for_it
says_so() { "$lab" exec systemctl is-active phoenixd && phoenix status | grep -E '^ *step-ca +unreadable'; }
daemon "phoenixd is up and says what it cannot do" says_so
check "what is there goes on being served" test -n "$(fingerprint)"
guest 103 systemctl start step-ca
heals "it is renewed when Step-CA is back" 120 another_is_served
show_journal "step-ca|nginx.internal.example" 5
