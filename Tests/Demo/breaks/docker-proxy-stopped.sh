title "The proxy before the Docker API is stopped"
since=$(now)
guest 1001 systemctl stop phoenix-docker-proxy
check "nobody answers on 2376" fails traefik_pings
nudge
heals "it answers, to whom it should" 60 traefik_pings
told "the journal tells it" "docker-api/(proxy|served)/1001.*(differs|done and proved)"
