# Machines: booted systemd-nspawn containers on one shared base, each with its own disk, namespaces and cgroup.

machine_dir() { echo "$run/machines/$1"; }

leader() { # the machine's own PID 1, as seen from here
  local pid
  pid=$(process "machine-$1") || return 1
  pgrep -P "$pid" -x systemd | head -n 1 | grep .
}

# What `pct exec` and `qm guest exec` do.
inside() {
  local pid
  pid=$(leader "$1") || { say "machine $1 is not running"; return 255; }
  shift
  nsenter -t "$pid" -m -u -i -n -p -C -r -w env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"
}

# A cgroup per machine in every hierarchy: with a shared one, systemd in one machine waits for the processes of another.
cgroup_roots() { awk '$3 ~ /^cgroup2?$/ {print $2}' /proc/mounts | sort -u; }
cgroup_enter() { # MACHINE: moves the calling shell
  local root dir
  for root in $(cgroup_roots); do
    dir=$root/$prefix-$1
    mkdir -p "$dir"
    if [ -e "$dir/cpuset.cpus" ] && [ -e "$root/cpuset.cpus" ]; then
      cat "$root/cpuset.cpus" >"$dir/cpuset.cpus"
      cat "$root/cpuset.mems" >"$dir/cpuset.mems"
      echo 1 >"$dir/cgroup.clone_children"
    fi
    echo "$BASHPID" >"$dir/cgroup.procs"
  done
}
cgroup_remove() { # MACHINE
  local root
  for root in $(cgroup_roots); do
    [ -d "$root/$prefix-$1" ] && find "$root/$prefix-$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

disk() { # MACHINE: an overlay on the base, and what makes it this machine
  local dir root
  dir=$(machine_dir "$1")
  root=$dir/root
  if [ "$(cat "$dir/made" 2>/dev/null)" != "$(disk_stamp)" ]; then   # half-made, or of another base
    umount -l "$root" 2>/dev/null || true
    rm -rf "$dir"
  fi
  mkdir -p "$dir"/{upper,work,root,docker}
  mountpoint -q "$root" ||
    mount -t overlay "$prefix-$1" -o "lowerdir=$cache/base,upperdir=$dir/upper,workdir=$dir/work" "$root"
  [ -e "$dir/made" ] && return 0
  role "$1" "$root"
  disk_stamp >"$dir/made"
}
disk_stamp() { cat "$cache/base.stamp" "$here/lib/roles.sh" "$guest_list" | sha256sum | cut -c1-16; }

machine_start() {
  local id=$1 dir extra=()
  leader "$id" >/dev/null && return 0
  dir=$(machine_dir "$id")
  disk "$id"
  # Docker's graph cannot lie on an overlay.
  is_vm "$id" && extra=(--bind="$dir/docker:/var/lib/docker" --system-call-filter='@keyring bpf')
  (
    cgroup_enter "$id"
    SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 SYSTEMD_NSPAWN_LOCK=0 exec setsid systemd-nspawn --quiet --directory="$dir/root" \
      --machine="$prefix-$id" --hostname="$(machine_name "$id")" --boot --register=no --keep-unit \
      --network-namespace-path="/run/netns/$(netns "$id")" --capability=all \
      --resolv-conf=off --timezone=off --link-journal=no "${extra[@]}" >"$log/machine-$id.log" 2>&1 </dev/null 7>&- 8>&- 9>&-
  ) &
  remember "machine-$id" $!
  wait_for 60 inside "$id" sh -c 'systemctl is-system-running | grep -Eq "running|degraded"'
}

machine_stop() { # a clean power-off, then the hard way
  local id=$1 pid first dir
  dir=$(machine_dir "$id")
  if pid=$(process "machine-$id"); then
    first=$(leader "$id") && kill -RTMIN+4 "$first"
    for _ in $(seq 100); do process "machine-$id" >/dev/null || break; sleep 0.1; done
    if process "machine-$id" >/dev/null; then
      first=$(leader "$id") && kill -9 "$first"
      sleep 0.3
      kill -9 "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$run/pids/machine-$id"
  if mountpoint -q "$dir/root"; then umount "$dir/root" || umount -l "$dir/root"; fi
  cgroup_remove "$id"
}

# One at a time for each guest: the operator and the follower of the API may both ask.
machine_locked() { # start|stop ID
  (
    flock 7
    "machine_$1" "$2"
  ) 7>"$run/pids/.$2.lock"
}

machines_up() {
  local id words=()
  for id in $(machines); do words+=("boot:$id" machine_start "$id" --); done
  together "${words[@]}"
}
machines_down() {
  local id pids=()
  for id in $(machines); do machine_stop "$id" & pids+=($!); done
  wait "${pids[@]}" || true
  strays
}
# A machine whose pid file was lost is still known by its name, which holds this lab's hash.
stray_machines() { # "PID MACHINE" of those nobody remembers
  local pid id
  for pid in $(pgrep -x systemd-nspawn); do
    id=$(arguments "$pid" | sed -n "s/^--machine=$prefix-//p")
    [ -z "$id" ] || [ "$(process "machine-$id")" = "$pid" ] || echo "$pid $id"
  done
}
# A server whose pid file was lost lives in one of our namespaces and runs a file of ours.
stray_servers() {
  local ns pid
  for ns in $(ours_netns); do
    for pid in $(ip netns pids "$ns"); do
      arguments "$pid" | tr '\n' ' ' | grep -qE "^[^ ]*python[^ ]* -B ($here/|-m fakepve $here/)" || continue
      grep -qsx "$pid .*" "$run"/pids/* || echo "$pid"
    done
  done
}
arguments() { { tr '\0' '\n' <"/proc/$1/cmdline"; } 2>/dev/null || true; }   # one a line; nothing when it is gone
strays() {
  local pid id
  stray_machines | while read -r pid id; do
    say "killing a stray $id"
    kill -9 $(pgrep -P "$pid") "$pid" 2>/dev/null || true
    for _ in $(seq 30); do [ -d "/proc/$pid" ] || break; sleep 0.1; done
    cgroup_remove "$id"
  done
  awk -v d="$run/" 'index($5, d) == 1 {print $5}' /proc/self/mountinfo | sort -r | while read -r id; do umount -l "$id"; done
}
