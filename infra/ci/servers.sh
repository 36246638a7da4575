# Sourced at a repository's root: servers that run as long as the script, and what they printed if it
# fails. `work` is a directory of the script's own.

work=$(mktemp -d)
target=${CARGO_TARGET_DIR:-$PWD/target}
started=()

finish() {
  local code=$?
  if ((code != 0)); then
    tail -n 40 "$work"/*.log || true
  fi
  for pid in "${started[@]}"; do
    kill "$pid" 2>/dev/null || true
  done
  wait || true
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

say() { printf '\n-- %s\n' "$*"; }

# start NAME URL COMMAND...: runs a server until the end, and waits until URL answers.
start() {
  local name=$1 url=$2
  shift 2
  if curl -sS -o /dev/null "$url" 2>/dev/null; then
    echo "something else answers at $url"
    return 1
  fi
  "$@" >"$work/$name.log" 2>&1 &
  started+=($!)
  for _ in $(seq 600); do
    if curl -sS -o /dev/null "$url" 2>/dev/null; then
      return
    fi
    kill -0 "${started[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  echo "$name did not start"
  return 1
}

stop_last() {
  kill "${started[-1]}"
  wait "${started[-1]}" || true
  unset 'started[-1]'
}
