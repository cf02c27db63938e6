title "A certificate is renewed by hand"
since=$(now)
before=$(fingerprint)
daemon "phoenix certificate renew returns when it is taken up" phoenix certificate renew nginx.internal.example
daemon "another one is served" test -n "$before" -a "$before" != "$(fingerprint)"
heals "it is good" 10 serves_ours 3600
