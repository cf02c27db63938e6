# What the demo looks at and breaks, with curl, openssl, ssh and systemctl only.

root=
nudge() { [ -n "$control" ] || "$lab" exec systemctl kill -s HUP --kill-who=main phoenixd; }
phoenix() { "$lab" exec phoenix "$@"; }
guest() { "$lab" gexec "$@"; }
stranger() { "$lab" client "$@"; } # a host on the network that nobody declared
probe() { "$lab" probe "$@"; }
is() { [ "$1" = "$2" ]; }

# --- the gateway, as a client sees it

through_gateway() { # HOST [PATH]: the body
  stranger curl -sSf --max-time 5 --cacert "$root" --resolve "$1:443:10.0.0.153" "https://$1${2:-/}"
}
echo_answers() { through_gateway echo.internal.example | grep -qx phoenix; }
served() { # HOST: what the gateway serves for a name, in PEM
  stranger openssl s_client -connect 10.0.0.153:443 -servername "$1" </dev/null 2>/dev/null | openssl x509 2>/dev/null
}
serves_ours() { # SECONDS: a certificate that our root vouches for and that lives at least so long
  served nginx.internal.example | openssl x509 -noout -checkend "$1" &&
    through_gateway nginx.internal.example /.well-known/phoenix | grep -qx phoenix
}
fingerprint() { served nginx.internal.example | openssl x509 -noout -fingerprint -sha256; }

# --- the Docker API, as whoever comes

docker_ping() { # FROM-GUEST CERTIFICATE-PREFIX (.crt and .key): whether /_ping is answered
  guest "$1" curl -s --max-time 3 --cacert /run/demo-root.pem --cert "$2.crt" --key "$2.key" https://10.0.0.111:2376/_ping | grep -qx OK
}
traefik_pings() { docker_ping 102 /etc/traefik/certs/client; }
gateway_pings() { docker_ping 101 /etc/nginx/ssl/gateway-client; }
plaintext_pings() { stranger curl -s --max-time 3 http://10.0.0.111:2375/_ping | grep -qx OK; }

# --- certificates

pair_matches() { # GUEST CERTIFICATE KEY
  local a b
  a=$(guest "$1" openssl x509 -noout -pubkey -in "$2") && b=$(guest "$1" openssl pkey -pubout -in "$3") && [ -n "$a" ] && [ "$a" = "$b" ]
}
gateway_pair_matches() { pair_matches 101 /etc/nginx/ssl/nginx.crt /etc/nginx/ssl/nginx.key; }

# The gateway serves a certificate that ends in a minute and a half.
serve_a_dying_certificate() {
  "$lab" mint "$repo/.lab/run/dying" 0.001 nginx.internal.example '*.internal.example' 10.0.0.153 >/dev/null
  guest 101 sh -c 'umask 077; cat >/tmp/new.pem' <"$repo/.lab/run/dying.pem"
  guest 101 sh -c 'umask 077; cat >/tmp/new.key' <"$repo/.lab/run/dying.key"
  # Through whatever symlinks stand there, as an administrator's cp would.
  guest 101 sh -c 'cp /tmp/new.pem /etc/nginx/ssl/nginx.crt; cp /tmp/new.key /etc/nginx/ssl/nginx.key
    rm /tmp/new.pem /tmp/new.key; systemctl reload nginx'
  within 10 serves_a_dying_one
}
serves_a_dying_one() { [ -n "$(fingerprint)" ] && ! served nginx.internal.example | openssl x509 -noout -checkend 3600; }

# --- packets

is_closed_to_stranger() { is "$(probe stranger 10.0.0.111 "$1")" closed; }
is_closed_over_ipv6() { is "$(probe stranger "$(exposure_address 1001/6)" "$1")" closed; }
is_closed_to_traefik() { is "$(probe 102 10.0.0.111 2376)" closed; }
dockerd_listens() { guest 1001 ss -ltnpH | grep -E "[:.](2375|2376) " | grep -q dockerd; }
