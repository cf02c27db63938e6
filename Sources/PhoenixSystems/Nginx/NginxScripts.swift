/// The shell scripts for an nginx in a guest. Fixed texts: whatever varies is a positional argument or input.
enum NginxScripts {
  /// Arguments: FILE BASES others' files (patterns), with `--` between. Prints fields that end with NUL: the
  /// unit's state, the file's SHA-256 (`-` when it is not there), `begun` or `ended`, lines of others; then for
  /// each base what was refused; at last `end`.
  static let look =
    ActivationScripts.refused + #"""
      LC_ALL=C; export LC_ALL
      file=$1
      shift
      if command -v nginx > /dev/null; then
        unit=$(systemctl is-active nginx 2> /dev/null)
      else
        unit=missing
      fi
      printf '%s\0' "${unit:-unknown}"
      if [ -e "$file" ]; then
        sum=$(sha256sum < "$file") || exit 1
        printf '%s\0' "${sum%% *}"
      else
        printf -- '-\0'
      fi
      if [ -e "$file.previous" ] || [ -e "$file.none" ]; then printf 'begun\0'; else printf 'ended\0'; fi
      while [ "$1" != -- ]; do
        refused "$1"
        shift
      done
      shift
      # The patterns are to be expanded.
      for pattern in "$@"; do
        grep -HnsE '^[[:space:]]*(listen|server_name)[[:space:]]' $pattern | head -c 65536
      done
      printf '\0end\0'
      """#

  /// Arguments: FILE. Input: its new content. Puts it in force: written whole, tested, loaded; on a failed test
  /// what was there before is put back. A kill leaves a trace that the look sees, and doing it again ends it.
  static let install = #"""
    set -eu
    LC_ALL=C; export LC_ALL
    file=$1
    umask 022
    cat > "$file.new"
    sync -- "$file.new"
    if [ ! -e "$file.previous" ] && [ ! -e "$file.none" ]; then
      if [ -e "$file" ]; then cp -p -- "$file" "$file.previous"; else : > "$file.none"; fi
    fi
    mv -T -- "$file.new" "$file"
    sync -- "${file%/*}/"
    if ! said=$(nginx -t 2>&1); then
      if [ -e "$file.previous" ]; then mv -T -- "$file.previous" "$file"; else rm -f -- "$file" "$file.none"; fi
      printf '%s\n' "$said" | grep -E 'emerg|alert|crit|error' | head -n 3 >&2 || printf '%s\n' "$said" >&2
      exit 6
    fi
    if systemctl is-active --quiet nginx; then systemctl reload nginx; else systemctl start nginx; fi
    rm -f -- "$file.previous" "$file.none"
    """#

  /// Tests the configuration with the certificates it names. Status 6 when it is not right.
  static let test = #"""
    LC_ALL=C; export LC_ALL
    if ! said=$(nginx -t 2>&1); then
      printf '%s\n' "$said" | grep -E 'emerg|alert|crit|error' | head -n 3 >&2 || printf '%s\n' "$said" >&2
      exit 6
    fi
    """#

  /// Loads the configuration anew, or starts nginx.
  static let load = #"""
    if systemctl is-active --quiet nginx; then systemctl reload nginx; else systemctl start nginx; fi
    """#
}
