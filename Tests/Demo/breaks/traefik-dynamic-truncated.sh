title "Traefik's dynamic file is truncated"
since=$(now)
guest 102 sh -c ': >/etc/traefik/dynamic/phoenix.yml'
comes "the gateway cannot reach the service" 15 fails echo_answers
nudge
heals "it can again" 60 echo_answers
told "the journal tells it" "traefik/dynamic/102.*(differs|done and proved)"
