title "Traefik's client certificate is removed"
since=$(now)
# What its paths lead to, as somebody who cleans up would.
guest 102 sh -c 'rm -f "$(readlink -f /etc/traefik/certs/client.crt)" "$(readlink -f /etc/traefik/certs/client.key)"'
check "Traefik could not reach Docker with it" fails traefik_pings
nudge
heals "there is another one, and Docker takes it" 60 traefik_pings
told "the journal tells it" "certificates/certificate/traefik-client.internal.example.*(differs|done and proved)"
