/// The shell scripts that look at a certificate's generations in a guest and note what was not taken up. Fixed
/// texts: whatever varies is a positional argument.
enum ActivationScripts {
  /// Defines the function `refused BASE`, which prints the generation that was refused and whose predecessor is in
  /// use, and a NUL.
  static let refused = #"""
    refused() {
      current=$(readlink -- "$1/current")
      set -- $(head -c 512 < "$1/refused" 2> /dev/null)
      if [ $# -eq 2 ] && [ "generations/$2" = "$current" ]; then printf '%s\0' "$1"; else printf '\0'; fi
    }

    """#

  /// Arguments: BASE. Prints the generation in use and the certificates of all, as fields that end with NUL:
  /// CURRENT REFUSED RESTORED, then NAME CERTIFICATE (base64) of each, and `end`.
  static let generations = #"""
    LC_ALL=C; export LC_ALL
    base=$1
    current=$(readlink -- "$base/current") || exit 1
    printf '%s\0' "${current#generations/}"
    set -- $(head -c 512 < "$base/refused" 2> /dev/null)
    printf '%s\0%s\0' "${1-}" "${2-}"
    ls -1t -- "$base/generations" | while IFS= read -r name; do
      printf '%s\0%s\0' "$name" "$(head -c 65536 < "$base/generations/$name/cert.pem" | base64 -w 0)"
    done
    printf 'end\0'
    """#

  /// Arguments: BASE REFUSED RESTORED. Writes down that a generation was not taken up, before the other is
  /// restored: the word counts only while the restored one is in use.
  static let refuse = #"""
    set -eu
    printf '%s %s\n' "$2" "$3" > "$1/.refused.new"
    mv -T -- "$1/.refused.new" "$1/refused"
    sync -- "$1"
    """#

  /// Arguments: BASE. Forgets a refusal.
  static let forgive = #"""
    rm -f -- "$1/refused"
    """#
}
