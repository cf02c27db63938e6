import FoundationEssentials
public import PhoenixCore

/// The shell scripts that look at a service's files in a guest and put them in force. Fixed texts: whatever varies
/// is a positional argument or input.
public enum ServiceFilesScript {
  /// The status for files that the service does not take.
  static let refused: Int32 = 6
  /// The status for files that it takes and could not load.
  static let notLoaded: Int32 = 7

  /// Arguments: MEMORY TEST LOAD COUNT, then PATH MODE OWNER of that many files, `-` for both of one that should go,
  /// then what TEST and LOAD are given. Input: a tar archive of the files by their numbers.
  static let install = #"""
    set -eu
    LC_ALL=C; export LC_ALL
    memory=$1 test=$2 load=$3 count=$4
    shift 4
    umask 077
    mkdir -p -- "$memory"
    if [ -L "$memory" ] || [ -L "$memory/before" ]; then
      echo "$memory is a symbolic link" >&2
      exit 4
    fi
    # A phoenixd that was killed leaves its script running here: the next one waits for it.
    exec 9< "$memory"
    if ! flock -w 30 9; then
      echo "another change of the same files is under way" >&2
      exit 5
    fi
    mkdir -p -- "$memory/before"
    rm -rf -- "$memory/new"
    mkdir -- "$memory/new"
    tar -x -f - -C "$memory/new"

    # What was there before the first of several attempts is what is put back.
    remember() {
      key=$(printf %s "$1" | sha256sum)
      key=$memory/before/${key%% *}
      [ ! -e "$key.path" ] || return 0
      if [ -e "$1" ]; then cp -p -- "$1" "$key"; else rm -f -- "$key"; fi
      printf %s "$1" > "$key.part"
      mv -T -- "$key.part" "$key.path"
    }
    restore() {
      for note in "$memory"/before/*.path; do
        path=$(cat -- "$note")
        if [ -e "${note%.path}" ]; then
          cp -p -- "${note%.path}" "$path.phoenix-new"
          mv -T -- "$path.phoenix-new" "$path"
        else
          rm -f -- "$path"
        fi
      done
      forget
    }
    forget() {
      rm -rf -- "$memory/over" "$memory/new"
      mv -T -- "$memory/before" "$memory/over"
      rm -rf -- "$memory/over"
    }

    number=0
    for word in "$@"; do
      [ "$number" -lt $((count * 3)) ] || break
      number=$((number + 1))
      [ $((number % 3)) -ne 1 ] || remember "$word"
    done
    sync -- "$memory/before"
    number=0
    : > "$memory/loaded.part"
    while [ "$count" -gt 0 ]; do
      path=$1 mode=$2 owner=$3
      shift 3
      count=$((count - 1))
      if [ "$mode" = - ]; then
        rm -f -- "$path"
        continue
      fi
      number=$((number + 1))
      (umask 022; mkdir -p -- "${path%/*}")
      cp -- "$memory/new/$number" "$path.phoenix-new"
      chown -- "$owner" "$path.phoenix-new"
      chmod -- "$mode" "$path.phoenix-new"
      sync -- "$path.phoenix-new"
      mv -T -- "$path.phoenix-new" "$path"
      sync -- "${path%/*}/"
      stat -c '%i %.9Z %n' -- "$path" >> "$memory/loaded.part"
    done
    umask 022
    if ! said=$(sh -c "$test" phoenix "$@" 2>&1 < /dev/null 9<&-); then
      restore
      printf '%s\n' "$said" | tail -n 5 >&2
      exit 6
    fi
    if ! said=$(sh -c "$load" phoenix "$@" 2>&1 < /dev/null 9<&-); then
      restore
      sh -c "$load" phoenix "$@" > /dev/null 2>&1 < /dev/null 9<&- || true
      printf '%s\n' "$said" | tail -n 5 >&2
      exit 7
    fi
    # Whoever writes them from now on leaves another inode or time, although he puts back what was there.
    mv -T -- "$memory/loaded.part" "$memory/loaded"
    forget
    """#

  /// Defines the function `service_files MEMORY PATH...`, which prints fields that end with NUL: `begun`, or `touched`
  /// when somebody wrote a file after it was loaded, or `ended`; then for each path `-`, or SHA-256, mode, owner and
  /// content in base64 with blanks between.
  public static let look = #"""
    service_files() {
      memory=$1 word=ended
      shift
      for path in "$@"; do
        [ -e "$path" ] || continue
        grep -qsxF -e "$(stat -c '%i %.9Z %n' -- "$path")" "$memory/loaded" || word=touched
      done
      if [ -n "$(ls -A "$memory/before" 2> /dev/null)" ]; then word=begun; fi
      printf '%s\0' "$word"
      for path in "$@"; do
        # What is no file holds nothing of ours, and nothing is ever put in its place.
        if [ -f "$path" ]; then
          sum=$(sha256sum < "$path") || return 1
          whose=$(stat -L -c '%a %U:%G' -- "$path")
          # Who has no name has a number.
          case $whose in *UNKNOWN*) whose=$(stat -L -c '%a %u:%g' -- "$path") ;; esac
          printf '%s %s ' "${sum%% *}" "$whose"
          head -c 65537 < "$path" | base64 -w 0
          printf '\0'
        else
          printf -- '-\0'
        fi
      done
    }

    """#

  private static let contentLimit = 1 << 16

  /// Reads what `service_files` printed.
  ///
  /// - Parameters:
  ///   - fields: Its fields.
  ///   - paths: What it was asked for.
  /// - Returns: The state; nil for an answer that cannot be understood.
  public static func parse(_ fields: some Collection<String>, paths: [String]) -> ServiceFilesState? {
    guard fields.count == paths.count + 1, let word = fields.first,
      ["begun", "touched", "ended"].contains(word)
    else {
      return nil
    }
    var state = ServiceFilesState(isUnfinished: word == "begun", isTouched: word == "touched")
    for (path, field) in zip(paths, fields.dropFirst()) where field != "-" {
      let parts = field.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0].utf8.count == 64, let mode = UInt16(parts[1], radix: 8),
        let owner = FileOwner(parts[2]), let content = Data(base64Encoded: String(parts[3]))
      else { return nil }
      state.files[path] = ServiceFilesState.File(
        sha256: String(parts[0]), owner: owner, mode: FileMode(bits: mode),
        text: content.count > contentLimit ? nil : String(validating: content, as: UTF8.self))
    }
    return state
  }
}
