# What makes a machine itself: written once, into its fresh disk, before it boots.

role() { # MACHINE ROOT
  local id=$1 root=$2 other
  { echo "127.0.0.1 localhost"; for other in $(machines); do echo "$(machine_ip "$other") $(machine_name "$other")"; done; } >"$root/etc/hosts"
  machine_name "$id" >"$root/etc/hostname"
  # Nobody answers there; with an empty one dockerd hands out a public resolver.
  echo "nameserver 10.0.0.1" >"$root/etc/resolv.conf"
  ssh-keygen -q -t ed25519 -N '' -C "$(machine_name "$id")" -f "$root/etc/ssh/ssh_host_ed25519_key"
  echo "HostKey /etc/ssh/ssh_host_ed25519_key" >"$root/etc/ssh/sshd_config.d/lab.conf"
  mkdir -p "$root/var/log/journal"
  if is_vm "$id"; then role_vm "$root"; else authorize "$root" /root; fi
  case $id in
    101) role_nginx "$root" ;;
    102) role_traefik "$root" ;;
    103) role_step_ca "$root" ;;
  esac
}

authorize() { # ROOT HOME
  install -d -m700 "$1$2/.ssh"
  cat "$secrets"/operator-key.pub "$secrets"/ssh-key.pub >"$1$2/.ssh/authorized_keys"
  chmod 600 "$1$2/.ssh/authorized_keys"
}

unit() { # ROOT NAME: writes stdin as an enabled unit
  cat >"$1/etc/systemd/system/$2"
  systemctl --root="$1" enable --quiet "$2"
}

# As a cloud image leaves it: root may not log in, the declared user may do everything through sudo.
role_vm() {
  local root=$1
  echo "PermitRootLogin no" >>"$root/etc/ssh/sshd_config.d/lab.conf"
  chroot "$root" useradd --create-home --shell /bin/bash phoenix
  authorize "$root" /home/phoenix
  chroot "$root" chown -R phoenix:phoenix /home/phoenix/.ssh
  echo 'phoenix ALL=(ALL) NOPASSWD:ALL' >"$root/etc/sudoers.d/90-cloud-init-users"
  chmod 440 "$root/etc/sudoers.d/90-cloud-init-users"
  # nspawn mounts the cgroups read-only; dockerd makes its own in them.
  unit "$root" lab-cgroup.service <<'UNIT'
[Unit]
Before=docker.service containerd.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'mount -o remount,bind,rw /sys/fs/cgroup; for m in $(awk "\\$3 ~ /^cgroup/ {print \\$2}" /proc/mounts); do mount -o remount,bind,rw $m; done; true'
[Install]
WantedBy=multi-user.target
UNIT
  systemctl --root="$root" enable --quiet docker.socket docker.service containerd.service
}

# Neither listen is default_server, and conf.d is read first: whatever is put there takes over.
role_nginx() {
  local root=$1
  install -d -m755 "$root/etc/nginx/lab"
  cp "$secrets/nginx-stock.pem" "$secrets/nginx-stock.key" "$root/etc/nginx/lab/"
  cat >"$root/etc/nginx/sites-enabled/lab" <<'CONF'
server {
  listen 80;
  listen 443 ssl;
  ssl_certificate lab/nginx-stock.pem;
  ssl_certificate_key lab/nginx-stock.key;
  root /var/www/html;
}
CONF
  systemctl --root="$root" enable --quiet nginx.service
}

# As a package would leave it: there, and neither configured nor started.
role_traefik() {
  install -D -m755 "$cache/traefik" "$1/usr/local/bin/traefik"
  cat >"$1/etc/systemd/system/traefik.service" <<'UNIT'
[Unit]
Description=Traefik
After=network.target
[Service]
ExecStart=/usr/local/bin/traefik --configFile=/etc/traefik/traefik.yml
Restart=on-failure
[Install]
WantedBy=multi-user.target
UNIT
}

role_step_ca() {
  local root=$1
  install -D -m755 "$cache/step-ca" "$root/usr/local/bin/step-ca"
  "$venv" "$here/pki.py" step-ca "$root/etc/step-ca" --final /etc/step-ca --name "Phoenix Lab" \
    --dns 10.0.0.10 --dns step-ca.internal.example --provisioner admin@phoenix.example
  unit "$root" step-ca.service <<'UNIT'
[Unit]
Description=Step CA
After=network.target
[Service]
Environment=STEPPATH=/etc/step-ca
ExecStart=/usr/local/bin/step-ca /etc/step-ca/config/ca.json --password-file=/etc/step-ca/secrets/password
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
# a file, so that a test reads the requests from outside the guest
StandardOutput=append:/var/log/step-ca.log
StandardError=append:/var/log/step-ca.log
[Install]
WantedBy=multi-user.target
UNIT
}
