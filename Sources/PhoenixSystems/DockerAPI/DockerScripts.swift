import PhoenixHost

/// The shell scripts for Docker and its proxy in a guest. Fixed texts: whatever varies is a positional argument.
enum DockerScripts {
  /// Arguments: PROCESSES SOCKET, MEMORY and the four PATHS of the engine; and where a proxy is wanted also STATE,
  /// MEMORY, BASE of the certificate, the two PATHS of the proxy, and directories of modules. Prints fields that end
  /// with NUL, in the order in which `NodeLook` reads them; at last `end`.
  static let look =
    ServiceFilesScript.look + ActivationScripts.refused + proxySays + #"""
      LC_ALL=C; export LC_ALL
      field() { printf '%s\0' "$1"; }
      processes=$1
      unit=$(systemctl show -p LoadState -p ActiveState -p MainPID -p UnitFileState -p TriggeredBy -p ExecStart \
        docker.service) || exit 1
      field "$unit"
      field "$(systemctl show -p LoadState -p Listen docker.socket)"
      pid=$(printf '%s\n' "$unit" | sed -n 's/^MainPID=//p')
      if [ "${pid:-0}" -gt 0 ]; then base64 -w 0 2> /dev/null < "$1/$pid/cmdline"; fi
      printf '\0'
      sockets=$(ss -ltnpH) || exit 1
      field "$sockets"
      field "$(curl -q -s -o /dev/null -m 5 --unix-socket "$2" -w '%{http_code}' http://docker/_ping)"
      field "$(stat -L -c '%a %U:%G' -- "$2" 2> /dev/null)"
      service_files "$3" "$4" "$5" "$6" "$7" || exit 1
      shift 7

      if [ $# -gt 0 ]; then
        unit=$(systemctl show -p LoadState -p ActiveState -p MainPID -p UnitFileState -p DropInPaths \
          phoenix-docker-proxy.service)
        field "$unit"
        pid=$(printf '%s\n' "$unit" | sed -n 's/^MainPID=//p')
        if [ "${pid:-0}" -gt 0 ] && [ -r "$processes/$pid/status" ]; then
          field "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' "$processes/$pid/status") $(tr '\0' ' ' \
            < "$processes/$pid/cmdline")"
        else
          field ''
        fi
        field "$(command -v nginx)"
        if [ -e /proc/net/if_inet6 ]; then field yes; else field no; fi
        said=$(proxy_says "$1")
        case $? in
          0) field "said $said" ;;
          2) field silent ;;
          3) field hangs ;;
          *) echo 'perl cannot ask the proxy' >&2; exit 1 ;;
        esac
        service_files "$2" "$4" "$5" || exit 1
        refused "$3"
        shift 5
        module=
        for directory in "$@"; do
          if [ -z "$module" ] && [ -e "$directory/ngx_stream_module.so" ]; then
            module=$directory/ngx_stream_module.so
          fi
        done
        if [ -z "$module" ] && nginx -V 2>&1 | tr ' ' '\n' | grep -qxe --with-stream; then module=built-in; fi
        field "$module"
      fi
      printf 'end\0'
      """#

  /// Defines the function `proxy_says SOCKET`, which prints what the running proxy has loaded: status 2 when nobody is
  /// there, 3 when somebody is and does not answer in time.
  private static let proxySays = #"""
    proxy_says() {
      perl -e '
        use Socket; use Errno;
        $SIG{ALRM} = sub { exit 3 };
        alarm 5;
        socket(S, PF_UNIX, SOCK_STREAM, 0) && connect(S, pack_sockaddr_un($ARGV[0]))
          or exit($!{ENOENT} || $!{ECONNREFUSED} ? 2 : 3);
        print while <S>;
      ' "$1"
    }

    """#

  /// Nothing can be tested without a restart, unless dockerd knows how to.
  static let testEngine = #"""
    if dockerd --help 2> /dev/null | grep -qe '--validate'; then dockerd --validate; fi
    """#

  /// Arguments: SOCKET. Starts dockerd anew and waits until it answers there.
  static let loadEngine = #"""
    systemctl daemon-reload || exit 1
    systemctl reset-failed docker.service docker.socket 2> /dev/null
    if systemctl is-active --quiet docker.socket; then
      # A socket is bound anew only while its service is stopped.
      systemctl stop docker.service docker.socket || exit 1
      systemctl start docker.socket || exit 1
    fi
    systemctl restart docker.service || exit 1
    tries=0
    until [ "$(curl -q -s -o /dev/null -m 5 --unix-socket "$1" -w '%{http_code}' http://docker/_ping)" = 200 ]; do
      tries=$((tries + 1))
      if [ "$tries" -ge 60 ]; then
        echo "dockerd does not answer on $1" >&2
        exit 1
      fi
      sleep 1
    done
    """#

  /// Arguments: CONFIGURATION RUNTIME USER GROUP. Makes the user where there is none, and tests the configuration.
  static let testProxy = #"""
    if ! id -u "$3" > /dev/null 2>&1; then
      useradd --system --gid "$4" --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$3" || exit 1
    fi
    mkdir -p -m 0700 -- "$2"
    exec nginx -t -q -e stderr -c "$1"
    """#

  /// Arguments: CONFIGURATION RUNTIME USER GROUP UNIT STATE. Loads the configuration, or starts the proxy. Its runtime
  /// directory keeps the unit that it was started with, and goes with it: what was started by another unit, or by nobody
  /// knows which, reads other files or is not confined, and only a new start brings ours in force. So it does for one
  /// that hangs.
  static let loadProxy =
    proxySays + #"""
      systemctl daemon-reload || exit 1
      systemctl enable --quiet phoenix-docker-proxy.service || exit 1
      if systemctl is-active --quiet phoenix-docker-proxy.service; then
        proxy_says "$6" > /dev/null
        if [ $? -ne 3 ] && cmp -s -- "$5" "$2/unit"; then exec systemctl reload phoenix-docker-proxy.service; fi
        systemctl restart phoenix-docker-proxy.service || exit 1
      else
        systemctl reset-failed phoenix-docker-proxy.service 2> /dev/null
        systemctl start phoenix-docker-proxy.service || exit 1
      fi
      cp -- "$5" "$2/unit"
      """#
}
