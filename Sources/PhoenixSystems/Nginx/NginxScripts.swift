import PhoenixHost

/// The shell scripts for an nginx in a guest. Fixed texts: whatever varies is a positional argument or input.
enum NginxScripts {
  /// Arguments: MEMORY FILE PORT ROOT MAIN, BASES. Prints fields that end with NUL: the
  /// unit's state; whether it starts with the guest; what its main process calls itself; our file, as `ServiceFilesScript.look` does; the generation that it names; what is loaded (`-`
  /// when that is not ours, `?` when nginx does not say); the root in base64; for each base what was refused; what
  /// all files say of servers; `end`.
  static let look =
    ServiceFilesScript.look + ActivationScripts.refused + NginxStatements.function + loaded + #"""
      LC_ALL=C; export LC_ALL
      memory=$1 file=$2 port=$3 root=$4 main=$5
      shift 5
      if command -v nginx > /dev/null; then
        unit=$(systemctl is-active nginx 2> /dev/null)
      else
        unit=missing
      fi
      printf '%s\0' "${unit:-unknown}"
      printf '%s\0' "$(systemctl is-enabled nginx 2> /dev/null)"
      pid=$(systemctl show --value -p MainPID nginx 2> /dev/null)
      if [ "${pid:-0}" -gt 0 ] 2> /dev/null; then tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline"; fi
      printf '\0'
      service_files "$memory" "$file" || exit 1
      printf '%s\0' "$(sed -n 's/^\#(GatewayFile.generationMark)//p' "$file" 2> /dev/null | head -n 1)"
      printf '%s\0' "$(loaded "$port" || echo '?')"
      printf '%s\0' "$(head -c 65536 < "$root" 2> /dev/null | base64 -w 0)"
      for base in "$@"; do refused "$base"; done
      statements "$main"
      printf '\0end\0'
      """#

  /// Defines the function `loaded PORT`, which asks the nginx that runs for the hash of its configuration. Every
  /// guest has perl-base, and not every one curl. It fails when somebody listens and says nothing in time.
  private static let loaded = #"""
    loaded() {
      perl -MIO::Socket::INET -e '
        $SIG{PIPE} = "IGNORE";
        alarm 5;
        my $nginx = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]);
        my $hash = "-";
        if ($nginx) {
          print $nginx "GET \#(GatewayFile.hashPath) HTTP/1.0\r\nHost: \#(GatewayFile.hashHost)\r\n\r\n";
          while (<$nginx>) {
            last if /^\r?$/;
            $hash = $1 if /^\#(GatewayFile.hashHeader): ([0-9a-f]{64})\r?$/i;
          }
        }
        print "$hash\n";
      ' "$1" 2> /dev/null
    }

    """#

  /// Tests the configuration with the certificates it names. Status 6 when it is not right.
  static let test = #"""
    LC_ALL=C; export LC_ALL
    if ! said=$(nginx -t 2>&1); then
      printf '%s\n' "$said" | grep -E 'emerg|alert|crit|error' | head -n 3 >&2 || printf '%s\n' "$said" >&2
      exit 6
    fi
    """#

  /// Loads the configuration anew, or starts nginx, now and with the guest.
  static let keep =
    #"""
    systemctl enable --quiet nginx || exit 1

    """# + load

  /// Loads the configuration anew, or starts nginx.
  static let load = #"""
    if systemctl is-active --quiet nginx; then systemctl reload nginx; else systemctl start nginx; fi
    """#
}
