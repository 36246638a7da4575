#!/usr/bin/env bash
# The four drives as people connect them: the local runner, which simulates them, with the published
# client's code and a browser beside it. Everything listens on loopback and is stopped at the end.
#
# Usage: drives.sh TOOLS
# TOOLS/browser holds playwright-core; Python has requests, and Debian's chromium, node and curl are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tools=$1
work=$(mktemp -d)
target=${CARGO_TARGET_DIR:-$PWD/target}
runner=

finish() {
  local code=$?
  if ((code != 0)); then
    tail -n 40 "$work"/*.log 2>/dev/null || true
  fi
  if [[ -n $runner ]]; then
    kill "$runner" 2>/dev/null || true
    wait "$runner" || true
  fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT

say() { printf '\n-- %s\n' "$*"; }

# Other ports than the end-to-end run's and than a developer's own runner.
api=http://127.0.0.1:9010

if [[ ! -x /usr/bin/chromium ]]; then
  echo "there is no chromium: apt-get install chromium"
  exit 1
fi
if [[ ! -d $tools/browser/node_modules/playwright-core ]]; then
  echo "there is no playwright-core in $tools/browser: npm install --prefix $tools/browser playwright-core@VERSION"
  exit 1
fi

cargo build --locked --package local

say "the local runner, from empty"
if curl -sS -o /dev/null "$api/_local" 2>/dev/null; then
  echo "something else answers at $api"
  exit 1
fi
PORT=9010 S3_PORT=9011 LOCAL_DIR=$work/local "$target/debug/local" --fresh >"$work/local.log" 2>&1 &
runner=$!
until curl -sS -o /dev/null "$api/_local" 2>/dev/null; do
  kill -0 "$runner" 2>/dev/null || { echo "the local runner did not start"; exit 1; }
  sleep 0.1
done

say "the published client connects a Dropbox"
python3 infra/ci/published_dropbox.py "$api" "$api/_local/mail.json?wait=10&to={address}"

say "a browser connects every drive, and curl uses its URLs"
NODE_PATH=$tools/browser/node_modules node infra/ci/browser/drives.mjs "$api"
