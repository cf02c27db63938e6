/// The shell scripts that deliver files on a guest. Fixed texts: whatever varies is a positional argument.
enum DeliveryScript {
  /// The status for a generation that is in use with other content.
  static let conflict: Int32 = 3

  /// Arguments: BASE GENERATION KEEP, then NAME MODE OWNER (or -) of each file. Input: a tar archive of the files.
  static let deliver = #"""
    set -eu
    LC_ALL=C; export LC_ALL
    base=$1 generation=$2 keep=$3
    shift 3
    stage=$base/.stage-$generation
    final=$base/generations/$generation

    umask 022
    # Looked at before anything is made: nothing is to be left where a link leads.
    if [ -L "$base" ] || [ -L "$base/generations" ]; then
      echo "$base is a symbolic link" >&2
      exit 4
    fi
    mkdir -p -- "$base/generations"
    # A phoenixd that was killed leaves its script running here: the next one waits for it.
    exec 9< "$base"
    if ! flock -w 30 9; then
      echo "another delivery to $base is under way" >&2
      exit 6
    fi
    umask 077
    rm -rf -- "$base"/.stage-*
    trap 'rm -rf -- "$stage"' EXIT
    mkdir -- "$stage"
    tar -x -f - -C "$stage"

    dress() {
      directory=$1
      shift
      while [ $# -gt 0 ]; do
        if [ -L "$directory/$1" ] || [ ! -f "$directory/$1" ]; then
          echo "$1 did not arrive" >&2
          exit 1
        fi
        [ "$3" = - ] || chown -- "$3" "$directory/$1"
        chmod -- "$2" "$directory/$1"
        sync -- "$directory/$1"
        shift 3
      done
      chmod 0755 -- "$directory"
      sync -- "$directory"
    }

    previous=$(readlink -- "$base/current" || true)
    previous=${previous#generations/}
    if [ -d "$final" ] && diff -r -q -- "$stage" "$final" > /dev/null; then
      rm -rf -- "$stage"
      dress "$final" "$@"
    elif [ "$previous" = "$generation" ]; then
      rm -rf -- "$stage"
      echo "generation $generation is in use and holds something else" >&2
      exit 3
    else
      dress "$stage" "$@"
      rm -rf -- "$final"
      mv -T -- "$stage" "$final"
      sync -- "$base/generations"
    fi
    """# + swap + #"""

      ls -1t -- "$base/generations" | tail -n "+$((keep + 1))" | while IFS= read -r old; do
        if [ "$old" != "$generation" ] && [ "$old" != "$previous" ]; then
          rm -rf -- "$base/generations/$old"
        fi
      done
      """#

  /// Arguments: BASE GENERATION.
  static let activate = #"""
    set -eu
    LC_ALL=C; export LC_ALL
    base=$1 generation=$2
    if [ ! -d "$base/generations/$generation" ]; then
      echo "there is no generation $generation" >&2
      exit 5
    fi
    previous=$(readlink -- "$base/current" || true)
    previous=${previous#generations/}
    """# + swap

  /// Moves `current` to the generation in one rename, and tells what it was.
  private static let swap = #"""

    if [ "$previous" = "$generation" ]; then
      printf 'kept %s\n' "$previous"
    else
      rm -f -- "$base/.current.new"
      ln -s -- "generations/$generation" "$base/.current.new"
      mv -T -- "$base/.current.new" "$base/current"
      sync -- "$base"
      printf 'switched %s\n' "$previous"
    fi
    """#
}
