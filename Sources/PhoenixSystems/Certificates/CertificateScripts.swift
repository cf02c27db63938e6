/// The shell scripts that look at certificates in a guest and put their paths right. Fixed texts: whatever
/// varies is a positional argument. The private key never leaves the guest: only its public half is printed.
enum CertificateScripts {
  /// Arguments: for each certificate BASE CERT KEY ROOT (or -). Prints fields that end with NUL:
  /// for each one GENERATION REFUSAL HOOKED (base64), then the states of CERT, KEY, ROOT, the root of the
  /// generation in use, the certificate and the root of the refused one; at last `end`.
  ///
  /// A state is `absent`, `dangling LINK`, `error TEXT`, or `file LINK STAT CONTENT` (LINK and CONTENT in base64).
  /// What cannot be looked at is an error, never absent.
  static let look = #"""
    LC_ALL=C; export LC_ALL
    absent() {
      case $1 in
        *': No such file or directory'|*': Not a directory') return 0 ;;
      esac
      return 1
    }
    public() {
      if ! command -v openssl > /dev/null; then
        printf 'error\0openssl is not installed\0'
        return 1
      fi
      if ! content=$(openssl pkey -in "$1" -passin pass: -pubout -outform PEM 2>&1 < /dev/null); then
        case $content in
          *'Could not read'*|*'unable to load'*|*'Could not find'*) content= ;;
          *) printf 'error\0%s\0' "${content:-openssl failed}"; return 1 ;;
        esac
      fi
      content=$(printf '%s' "$content" | base64 -w 0)
    }
    state() {
      if ! status=$(stat -c %F -- "$2" 2>&1); then
        if absent "$status"; then printf 'absent\0'; else printf 'error\0%s\0' "$status"; fi
        return
      fi
      link=
      if [ -L "$2" ]; then link=$(readlink -n -- "$2" | base64 -w 0); fi
      if ! status=$(stat -L -c '%f %s %U:%G %u:%g' -- "$2" 2>&1); then
        if absent "$status"; then printf 'dangling\0%s\0' "$link"; else printf 'error\0%s\0' "$status"; fi
        return
      fi
      if [ ! -f "$2" ] || [ ! -r "$2" ]; then
        printf 'error\0%s is no readable file\0' "$2"
        return
      fi
      if [ "$1" = key ]; then
        public "$2" || return
      else
        content=$(head -c 65536 < "$2" | base64 -w 0)
      fi
      printf 'file\0%s\0%s\0%s\0' "$link" "$status" "$content"
    }
    while [ $# -gt 0 ]; do
      base=$1
      current=$(readlink -- "$base/current")
      printf '%s\0' "${current#generations/}"
      refusal=$(head -c 512 < "$base/refused" 2> /dev/null)
      printf '%s\0' "$(printf '%s' "$refusal" | base64 -w 0)"
      printf '%s\0' "$(head -c 256 < "$base/hooked" 2> /dev/null | base64 -w 0)"
      state file "$2"
      state key "$3"
      if [ "$4" = - ]; then printf 'absent\0'; else state file "$4"; fi
      state file "$base/current/ca.pem"
      state file "$base/generations/${refusal%% *}/cert.pem"
      state file "$base/generations/${refusal%% *}/ca.pem"
      shift 4
    done
    printf 'end\0'
    """#

  /// Arguments: BASE CERT KEY ROOT (or -) OWNER MODE. Makes the paths lead to the generation in use, and gives
  /// its files their owner and permissions. Doing it again changes nothing.
  static let settle = #"""
    set -eu
    LC_ALL=C; export LC_ALL
    base=$1 cert=$2 key=$3 root=$4 owner=$5 mode=$6
    """# + lead + #"""

      dress() {
        file=$base/current/$1
        [ -f "$file" ] || { echo "$file is not there" >&2; exit 1; }
        case $owner in
          "$(stat -c '%U:%G' -- "$file")"|"$(stat -c '%u:%g' -- "$file")") ;;
          *) chown -- "$owner" "$file" ;;
        esac
        [ "0$(stat -c '%a' -- "$file")" = "$2" ] || chmod -- "$2" "$file"
      }
      dress key.pem "$mode"
      dress cert.pem 0644
      [ "$root" = - ] || dress ca.pem 0644
      [ "$root" = - ] || lead "$root" ca.pem
      lead "$key" key.pem
      lead "$cert" cert.pem
      """#

  /// Arguments: BASE CERT KEY ROOT (or -). Makes plain files at the paths a generation of their own and the paths
  /// links to it. At every moment certificate and key at the paths belong together, so that a reader never
  /// finds one of the old and one of the new. Does nothing when one of them is no plain file.
  static let adopt = #"""
    set -eu
    LC_ALL=C; export LC_ALL
    base=$1 cert=$2 key=$3 root=$4
    [ -f "$cert" ] && [ ! -L "$cert" ] && [ -f "$key" ] && [ ! -L "$key" ] || exit 0
    umask 022
    mkdir -p -- "$base/generations"
    name=found
    [ "$(readlink -- "$base/current" || true)" != generations/found ] || name=found-2
    stage=$base/.stage-found
    rm -rf -- "$stage"
    umask 077
    mkdir -- "$stage"
    cp -p -- "$cert" "$stage/cert.pem"
    cp -p -- "$key" "$stage/key.pem"
    if [ "$root" != - ] && [ -f "$root" ]; then cp -p -- "$root" "$stage/ca.pem"; fi
    chmod 0755 -- "$stage"
    sync -- "$stage/cert.pem" "$stage/key.pem" "$stage"
    rm -rf -- "$base/generations/$name"
    mv -T -- "$stage" "$base/generations/$name"
    rm -f -- "$base/.current.new"
    ln -s -- "generations/$name" "$base/.current.new"
    mv -T -- "$base/.current.new" "$base/current"
    sync -- "$base"
    umask 022
    """# + lead + #"""

      lead "$key" key.pem
      lead "$cert" cert.pem
      """#

  /// Makes a path a link to a file of the generation in use, by one rename.
  private static let lead = #"""

    lead() {
      wanted=$base/current/$2
      if [ -L "$1" ]; then
        old=$(readlink -- "$1")
        [ "$old" != "$wanted" ] || return 0
        case $old in
          "$base"/*) ;;
          *) echo "$1 is a symbolic link to $old, which Phoenix did not make" >&2; exit 4 ;;
        esac
      elif [ -d "$1" ]; then
        echo "$1 is a directory" >&2
        exit 4
      fi
      parent=${1%/*}
      [ -d "$parent/" ] || mkdir -p -- "$parent"
      rm -f -- "$1.phoenix-new"
      ln -s -- "$wanted" "$1.phoenix-new"
      mv -T -- "$1.phoenix-new" "$1"
      sync -- "$parent/"
    }

    """#

  /// Arguments: BASE GENERATION, then the command. Runs it with copies of the files in `BASE/.hook`, which only
  /// root can read, and notes that it was run when it succeeds.
  static let hook = #"""
    set -eu
    LC_ALL=C; export LC_ALL
    base=$1 generation=$2
    shift 2
    umask 077
    rm -rf -- "$base/.hook"
    mkdir -- "$base/.hook"
    trap 'rm -rf -- "$base/.hook"' EXIT
    cp -- "$base/current/cert.pem" "$base/current/key.pem" "$base/.hook/"
    [ ! -f "$base/current/ca.pem" ] || cp -- "$base/current/ca.pem" "$base/.hook/"
    "$@" > /dev/null < /dev/null
    printf '%s' "$generation" > "$base/.hooked.new"
    mv -T -- "$base/.hooked.new" "$base/hooked"
    sync -- "$base"
    """#
}
