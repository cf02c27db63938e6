# How the demo judges: against answers that are fixed beforehand, and in the control run that what heals stays broken.

control=${DEMO_CONTROL:-}
failures=0 checks=0

title() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
say() { printf '   %s\n' "$*"; }
verdict() { # ok|FAILED WHAT
  checks=$((checks + 1))
  [ "$1" = ok ] || failures=$((failures + 1))
  printf '   %-6s %s\n' "$1" "$2"
}
# check WHAT CMD...: must hold now, in either run.
check() {
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then verdict ok "$what"; else verdict FAILED "$what"; fi
}
# within SECONDS CMD...: whether it comes to hold.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.3
  done
}
fails() { ! "$@"; }
# comes WHAT SECONDS CMD...: must come to hold, in either run.
comes() {
  local what=$1
  shift
  if within "$@"; then verdict ok "$what"; else verdict FAILED "$what"; fi
}
# heals WHAT SECONDS CMD...: must come to hold with phoenixd, and must not without.
heals() {
  local what=$1 seconds=$2 from=$SECONDS
  shift 2
  if [ -n "$control" ]; then
    if within $((seconds > 12 ? 12 : seconds)) "$@"; then
      verdict FAILED "$what: healed although phoenixd is stopped, so the check proves nothing"
    else
      verdict ok "$what: stays broken without phoenixd"
    fi
  elif within "$seconds" "$@"; then
    verdict ok "$what ($((SECONDS - from)) s)"
  else
    verdict FAILED "$what: not within $seconds s"
  fi
}
# daemon WHAT CMD...: about phoenixd itself, exempt in the control run.
daemon() {
  if [ -n "$control" ]; then say "exempt $1"; else check "$@"; fi
}
now() { date +%s; }
tells() { # TEXT SINCE: the journal holds a line of phoenixd with this text since then
  "$lab" exec journalctl -q -u phoenixd --since "@$2" -o cat | grep -qE -- "$1"
}
# told WHAT TEXT: the journal tells it since the break began, and these are its lines.
told() {
  daemon "$1" within 15 tells "$2" "$since"
  show_journal "$2" 2
}
show_journal() { # PATTERN [LINES]
  [ -n "$control" ] && return
  "$lab" exec journalctl -q -u phoenixd --since "@$since" -o cat | grep -E -- "$1" | head -${2:-3} | cut -c1-200 | sed 's/^/   | /'
}
