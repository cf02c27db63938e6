# Putting phoenixd into the hypervisor's machine, and configuring it for this lab.

install_tree() { # TARBALL-OR-DIR as `make install DESTDIR=` leaves it
  local source=$1
  if [ -f "$source" ]; then
    source=$(mktemp -d "$run/install.XXXXXX")
    tar -C "$source" -xf "$1"
  fi
  tar -C "$source" -c . | inside hv tar -C / -x --no-same-owner --no-overwrite-dir
  [ "$source" = "$1" ] || rm -rf "$source"
  inside hv systemd-sysusers
  inside hv systemd-tmpfiles --create || say "tmpfiles: some lines failed"   # nspawn's own /sys lines may
  inside hv systemctl daemon-reload
  inside hv journalctl --update-catalog
}

configure() { # DIRECTORY with the files of /etc/phoenix
  local source=$1 target
  target=$(machine_dir hv)/root/etc/phoenix
  leader hv >/dev/null || die "the hypervisor is not running"
  mkdir -p "$target"
  find "$target" -mindepth 1 -maxdepth 1 ! -name credentials -exec rm -rf {} +
  tar -C "$source" -c . | tar -C "$target" -x --no-same-owner --no-overwrite-dir
  install -m644 "$secrets/pve-root.pem" "$target/pve-root.pem"
  install -m644 "$run/known_hosts" "$target/known_hosts"
  jq --arg fp "$(jq -r .step_ca.root_fingerprint "$run/facts.json")" '
    .proxmox += {endpoints: ["https://10.0.0.13:8006"], node: "pve1", ca_file: "pve-root.pem", token_credential: "proxmox-token"}
    | .step_ca += {url: "https://10.0.0.10:9000", root_fingerprint: $fp, provisioner: "admin@phoenix.example",
                   password_credential: "step-ca-provisioner-password"}
    | .shell += {known_hosts: "known_hosts", key_credential: "ssh-key"}' \
    "$([ -e "$source/phoenixd.json" ] && echo "$source/phoenixd.json" || echo <(echo '{}'))" >"$target/phoenixd.json.new"
  mv "$target/phoenixd.json.new" "$target/phoenixd.json"
  chmod 644 "$target/phoenixd.json"
  install -d -m700 "$target/credentials"
  (umask 077; printf 'phoenix@pve!daemon=%s' "$(token 'phoenix@pve!daemon')" >"$target/credentials/proxmox-token")
  install -m600 "$secrets/step-ca-provisioner-password" "$secrets/ssh-key" "$target/credentials/"
  inside hv chown -R root:root /etc/phoenix
  inside hv systemd-tmpfiles --create --prefix=/etc/phoenix 2>/dev/null || true   # the modes the package wants
}
