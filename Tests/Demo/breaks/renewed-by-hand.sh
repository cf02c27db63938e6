title "A certificate is renewed by hand"
since=$(now)
before=$(fingerprint)
daemon "phoenix certificate renew returns when it is taken up" phoenix certificate renew nginx.internal.example
another_good_one() { local now; now=$(fingerprint); [ -n "$before" ] && [ "$now" != "$before" ] && serves_ours 3600; }
heals "another one is served, and it is good" 10 another_good_one
