import PhoenixHost

/// The shell scripts for Traefik in a guest. Fixed texts: whatever varies is a positional argument or input.
enum TraefikScripts {
  /// Arguments: STATICMEMORY STATICFILE DYNAMICMEMORY DYNAMICFILE. Prints fields that end with NUL: the unit's
  /// state, whether it is started with the guest, how it is started, the words of what runs, a line each, the first of the
  /// files that Traefik looks for by itself, others' files
  /// below the dynamic one's directory, a line each; then what
  /// `service_files` says of the static file and of the dynamic one; at last `end`.
  static let look =
    ServiceFilesScript.look + #"""
      LC_ALL=C; export LC_ALL
      if systemctl cat traefik > /dev/null 2>&1; then
        unit=$(systemctl is-active traefik 2> /dev/null)
        enabled=$(systemctl is-enabled traefik 2> /dev/null)
      else
        unit=missing enabled=missing
      fi
      printf '%s\0%s\0' "${unit:-unknown}" "${enabled:-unknown}"
      said=$(systemctl show -p MainPID -p ExecStart traefik 2> /dev/null)
      printf '%s\0' "$(printf '%s\n' "$said" | sed -n 's/^ExecStart=//p')"
      pid=$(printf '%s\n' "$said" | sed -n 's/^MainPID=//p')
      if [ "${pid:-0}" -gt 0 ]; then tr '\0' '\n' 2> /dev/null < "/proc/$pid/cmdline"; fi
      printf '\0'
      # Which Traefik takes that is told of none.
      for path in "${2%.*}.toml" "${2%.*}.yaml" "$2"; do
        if [ -e "$path" ]; then printf '%s' "$path"; break; fi
      done
      printf '\0'
      # Traefik reads hidden files and those in directories below, too.
      find -L "${4%/*}" -mindepth 1 '(' -iname '*.yml' -o -iname '*.yaml' -o -iname '*.toml' ')' ! -path "$4" -printf '%P\n' \
        2> /dev/null | sort | head -c 4096
      printf '\0'
      service_files "$1" "$2" || exit 1
      service_files "$3" "$4" || exit 1
      printf 'end\0'
      """#

  /// Arguments: CERTIFICATE KEY, any number of times. Status 6 when two do not belong together: Traefik would drop
  /// them, and show a certificate of its own.
  static let pairs = #"""
    LC_ALL=C; export LC_ALL
    while [ $# -ge 2 ]; do
      certificate=$(openssl x509 -in "$1" -noout -pubkey) || exit 6
      key=$(openssl pkey -in "$2" -pubout) || exit 6
      if [ "$certificate" != "$key" ]; then
        echo "$1 and $2 do not belong together" >&2
        exit 6
      fi
      shift 2
    done
    """#

  /// Nothing: what Traefik would say to a file is known only when it reads it.
  static let untested = ":"

  /// Nothing: Traefik looks at the directory by itself.
  static let watched = ":"

  /// Starts Traefik anew, now and with the guest, and fails when it does not stay.
  static let restart =
    #"""
    systemctl enable --quiet traefik || exit 1
    systemctl restart traefik || exit 1

    """# + stays

  /// Sees to it that Traefik runs, now and with the guest.
  static let start =
    #"""
    systemctl enable --quiet traefik || exit 1
    systemctl is-active --quiet traefik || systemctl start traefik || exit 1

    """# + stays

  private static let stays = #"""
    for _ in 1 2; do
      sleep 1
      if ! systemctl is-active --quiet traefik; then
        echo 'traefik does not stay up' >&2
        systemctl status --no-pager --lines 3 traefik >&2
        exit 1
      fi
    done
    """#
}
