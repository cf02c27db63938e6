title "Step-CA is down while a renewal falls due"
since=$(now)
guest 103 systemctl stop step-ca
serve_a_dying_certificate
nudge
sleep 5
check "what is there goes on being served" test -n "$(fingerprint)"
daemon "phoenixd is up and says what it cannot do" bash -c "'$lab' exec systemctl is-active phoenixd && '$lab' exec phoenix status | grep -qi 'step-ca'"
guest 103 systemctl start step-ca
heals "it is renewed when Step-CA is back" 120 serves_ours 3600
show_journal "step-ca|nginx.internal.example" 5
