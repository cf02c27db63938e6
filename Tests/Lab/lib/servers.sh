# The servers of the lab: secrets and certificates they need, Step-CA, the swarm, Proxmox.

make_secrets() {
  local pve=$secrets/pve-root
  install -d -m700 "$secrets"
  [ -e "$secrets/operator-key" ] || ssh-keygen -q -t ed25519 -N '' -C operator@lab -f "$secrets/operator-key"
  [ -e "$secrets/ssh-key" ] || ssh-keygen -q -t ed25519 -N '' -C phoenixd@lab -f "$secrets/ssh-key"
  [ -e "$secrets/tokens.json" ] || jq -n --arg d "$(uuid)" --arg o "$(uuid)" --arg p "$(uuid)" \
    '{tokens: {"phoenix@pve!daemon": $d, "operator@pve!lab": $o}, upstream_password: $p}' >"$secrets/tokens.json"
  chmod 600 "$secrets/tokens.json"
  [ -e "$pve.pem" ] || "$venv" "$here/pki.py" root "$pve" --name "Proxmox Virtual Environment (lab)"
  [ -e "$secrets/pve.pem" ] ||
    "$venv" "$here/pki.py" leaf "$secrets/pve" --ca "$pve.pem" --ca-key "$pve.key" --san $hypervisor_ip --san $node --san 127.0.0.1
  [ -e "$secrets/nginx-stock.pem" ] || {
    "$venv" "$here/pki.py" root "$secrets/stock-root" --name "Nobody's CA"
    "$venv" "$here/pki.py" leaf "$secrets/nginx-stock" --ca "$secrets/stock-root.pem" --ca-key "$secrets/stock-root.key" --san localhost
  }
}
uuid() { cat /proc/sys/kernel/random/uuid; }
token() { jq -r --arg t "$1" '.tokens[$t]' "$secrets/tokens.json"; }

# --- Proxmox: an unmodified fakepve on the hypervisor's loopback, our proxy before it, and what makes its word true

proxmox_up() {
  local tls=(--cert "$secrets/pve.pem" --key "$secrets/pve.key")
  upstream_up
  server pve-proxy hv $python -B "$here/pve_proxy.py" --listen $hypervisor_ip:$pve_port --upstream 127.0.0.1:$upstream_port \
    --ca "$secrets/pve-root.pem" "${tls[@]}" --tokens "$secrets/tokens.json" --log "$log/pve-access.log" --faults "$run/faults/pve" --lab "$here/lab" ${PHOENIX_LAB_PROXY:-}
  wait_for 15 pve GET /version
  server firewall hv $python -B "$here/enforce_firewall.py" --upstream 127.0.0.1:$upstream_port --ca "$secrets/pve-root.pem" \
    --tokens "$secrets/tokens.json" --changes "$log/pve-access.log" --netns "/run/netns/$prefix-sw" --status "$run/firewall.json" \
    --break "$run/faults/nft" --trial-seconds "${PHOENIX_LAB_TRIAL_SECONDS:-60}"
  wait_for 15 firewall_applied
}
upstream_up() {
  process fakepve >/dev/null && return 0
  # its user root@pam is the proxy's alone; nobody else knows the password
  PVE_PASS=$(jq -r .upstream_password "$secrets/tokens.json") server fakepve hv "$venv" -B -m fakepve "$guest_list" \
    --host 127.0.0.1 --port $upstream_port --time-scale 0 --cert "$secrets/pve.pem" --key "$secrets/pve.key"
  wait_for 15 in_netns hv bash -c "</dev/tcp/127.0.0.1/$upstream_port"
  in_netns hv $python -B "$here/pve_client.py" seed "$guest_list" --upstream 127.0.0.1:$upstream_port \
    --ca "$secrets/pve-root.pem" --tokens "$secrets/tokens.json"
}
# Only once the guests are up: it takes what it finds for the truth.
follower_up() {
  server power hv $python -B "$here/follow_power.py" --upstream 127.0.0.1:$upstream_port --ca "$secrets/pve-root.pem" \
    --tokens "$secrets/tokens.json" --changes "$log/pve-access.log" --pids "$run/pids" --lab "$here/lab"
}
firewall_applied() { [ "$(jq -r .ok "$run/firewall.json")" = true ]; }

pve() { # METHOD PATH [k=v...]
  local method=$1 path=$2 args=() kv
  shift 2
  [ "$method" = GET ] && args+=(--get)
  for kv in "$@"; do args+=(--data-urlencode "$kv"); done
  in_netns hv curl -sS --fail-with-body --max-time 20 --cacert "$secrets/pve-root.pem" -X "$method" "${args[@]}" \
    -H @<(echo "Authorization: PVEAPIToken=operator@pve!lab=$(token 'operator@pve!lab')") \
    "https://$hypervisor_ip:$pve_port/api2/json$path"
}

# --- Step-CA, ssh, docker

stepca_up() {
  inside 103 systemctl start step-ca
  wait_for 20 in_netns hv curl -sf --cacert "$(machine_dir 103)/root/etc/step-ca/certs/root_ca.crt" https://10.0.0.10:9000/health
}

known_hosts() {
  local id
  for id in $(machines); do echo "$(machine_ip "$id") $(cut -d' ' -f1,2 "$(machine_dir "$id")/root/etc/ssh/ssh_host_ed25519_key.pub")"; done
}
ssh_options() { echo "-i $secrets/operator-key -o UserKnownHostsFile=$run/known_hosts -o StrictHostKeyChecking=yes -o BatchMode=yes -o ConnectTimeout=3"; }
ssh_up() {
  local id pids=() rc=0
  known_hosts >"$run/known_hosts"
  for id in $(machines); do wait_for 10 in_netns hv ssh $(ssh_options) "$(ssh_user "$id")@$(machine_ip "$id")" true & pids+=($!); done
  for id in "${pids[@]}"; do wait "$id" || rc=1; done
  return $rc
}
ssh_user() { if is_vm "$1"; then echo phoenix; else echo root; fi; }

swarm_up() {
  wait_for 40 inside 1001 docker info
  wait_for 40 inside 1002 docker info
  # its default pool begins with 10.0.0.0/24, which is this very LAN
  swarm_active 1001 || inside 1001 docker swarm init --advertise-addr 10.0.0.111 --listen-addr 10.0.0.111:2377 \
    --data-path-addr 10.0.0.111 --default-addr-pool 10.20.0.0/16
  wait_for 30 inside 1001 docker node ls
  swarm_active 1002 || inside 1002 docker swarm join --advertise-addr 10.0.0.102 --data-path-addr 10.0.0.102 \
    --token "$(inside 1001 docker swarm join-token -q worker)" 10.0.0.111:2377
  wait_for 40 swarm_ready
}
swarm_active() { [ "$(inside "$1" docker info -f '{{.Swarm.LocalNodeState}}')" != inactive ]; }
swarm_ready() { [ "$(inside 1001 docker node ls --format '{{.Status}}' | grep -c Ready)" = 2 ]; }

# --- the stack `echo` of etc/phoenix, deployed as an administrator would

echo_up() {
  local files=$repo/etc/phoenix/stacks/echo
  echo_image 1001
  echo_image 1002
  inside 1001 docker network inspect traefik-public >/dev/null 2>&1 ||
    inside 1001 docker network create --driver overlay --attachable traefik-public
  # Labels as the stack declares them, with the name of the service whose servers Phoenix writes.
  jq '{version: "3.8", services: (.environments.production.services | map_values({deploy: {labels:
        (.traefik_labels + ["traefik.http.routers.echo.service=echo@file"]),
        restart_policy: {condition: "any", delay: "1s"}}}))}' "$files/phoenix.json" |
    inside 1001 sh -c 'cat >/root/echo-labels.yml'
  inside 1001 sh -c 'cat >/root/echo.yml' <"$files/docker-compose.yml"
  inside 1001 docker stack deploy --resolve-image never -c /root/echo.yml -c /root/echo-labels.yml production_echo
  wait_for 60 echo_runs
}
echo_runs() { [ "$(inside 1001 docker service ls --filter name=production_echo_echo --format '{{.Replicas}}')" = 1/1 ]; }

# There is no registry to be reached: an image of that name, which answers every request for / with its text.
echo_image() { # GUEST
  local name=hashicorp/http-echo:1.0 tree=$cache/echo stamp
  stamp=$(declare -f echo_image | sha256sum | cut -c1-16)
  [ "$(inside "$1" docker image inspect -f '{{.Config.Labels.made}}' $name 2>/dev/null)" = "$stamp" ] && return 0
  rm -rf "$tree"
  install -D "$cache/base/bin/busybox" "$tree/bin/busybox"
  ln -s busybox "$tree/bin/sh"
  cat >"$tree/http-echo" <<'SCRIPT'
#!/bin/sh
for word; do
  case $word in
    -listen=*) port=${word##*:} ;;
    -text=*) text=${word#-text=} ;;
  esac
done
/bin/busybox mkdir -p /www
printf '%s\n' "${text:-hello}" >/www/index.html
# As the real one, it ends when it is told to; the first process of a container dies of no signal by itself.
trap 'exit 0' TERM INT
/bin/busybox httpd -f -p "${port:-5678}" -h /www &
wait
SCRIPT
  chmod 755 "$tree/http-echo"
  tar -C "$tree" -c . | inside "$1" docker import --change 'ENTRYPOINT ["/http-echo"]' --change "LABEL made=$stamp" - $name
}

# --- what is true, for tests

facts() {
  local root=$(machine_dir 103)/root/etc/step-ca facts=$run/facts.json
  [ -e "$root/secrets/provisioner_password" ] && cp "$root/secrets/provisioner_password" "$secrets/step-ca-provisioner-password"
  cp "$root/certs/root_ca.crt" "$secrets/step-ca-root.pem"
  jq -n --arg prefix "$prefix" --arg run "$run" --arg secrets "$secrets" --arg log "$log" --arg ssh "$(ssh_options)" --arg venv "$venv" --arg here "$here" \
    --arg fingerprint "$(openssl x509 -in "$secrets/step-ca-root.pem" -outform DER | sha256sum | cut -d' ' -f1)" \
    --arg daemon "$(token 'phoenix@pve!daemon')" --arg operator "$(token 'operator@pve!lab')" \
    --argjson pids "$(for p in "$run"/pids/*; do echo "${p##*/} $(process "${p##*/}")"; done | jq -Rn '[inputs | split(" ") | select(.[1]) | {(.[0]): (.[1] | tonumber)}] | add')" \
    --argjson addresses "$(for id in $(machines); do echo "$id $(machine_ip "$id")"; done | jq -Rn '[inputs | split(" ") | {(.[0]): .[1]}] | add')" '
    {prefix: $prefix, node: "pve1", addresses: ($addresses + {stranger: "10.0.0.200"}),
     proxmox: {url: "https://10.0.0.13:8006", ca: ($secrets + "/pve-root.pem"), access_log: ($log + "/pve-access.log"),
               tokens: {daemon: ("phoenix@pve!daemon=" + $daemon), operator: ("operator@pve!lab=" + $operator)}},
     step_ca: {url: "https://10.0.0.10:9000", root: ($secrets + "/step-ca-root.pem"), root_fingerprint: $fingerprint,
               provisioner: "admin@phoenix.example", provisioner_password_file: ($secrets + "/step-ca-provisioner-password"),
               log: ($run + "/machines/103/root/var/log/step-ca.log"), ca_json: ($run + "/machines/103/root/etc/step-ca/config/ca.json")},
     nginx: {access_log: ($run + "/machines/101/root/var/log/nginx/access.log"), error_log: ($run + "/machines/101/root/var/log/nginx/error.log")},
     ssh: {options: $ssh, known_hosts: ($run + "/known_hosts"), operator_key: ($secrets + "/operator-key"), daemon_key: ($secrets + "/ssh-key"),
           users: {"101": "root", "102": "root", "103": "root", "1001": "phoenix", "1002": "phoenix", "hv": "root"}},
     tools: {python: $venv, proxy: ($here + "/pve_proxy.py"), fault_proxy: ($here + "/fault_proxy.py")},
     firewall_status: ($run + "/firewall.json"), roots: ($run + "/machines/ID/root"), logs: $log, pids: $pids}' >"$facts.new"
  mv "$facts.new" "$facts"
  # The same for shells: LAB_STEP_CA_ROOT_FINGERPRINT=...
  jq -r 'paths(scalars) as $p | "LAB_" + ($p | map(tostring) | join("_") | ascii_upcase | gsub("[^A-Z0-9]"; "_")) + "=" + (getpath($p) | tostring | @sh)' "$facts" >"$run/facts.sh"
  chmod 600 "$facts" "$run/facts.sh"
}
