#!/usr/bin/env bash
# The four drives as people connect them: the local runner, which simulates them, with the published
# client's code and a browser beside it. Everything listens on loopback and is stopped at the end.
#
# Usage: drives.sh TOOLS
# TOOLS/browser holds playwright-core; Python has requests, and Debian's chromium, node and curl are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tools=$1
source infra/ci/servers.sh

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

# As the end-to-end run does, so that nothing is built again.
cargo build --locked --package local --package xtask

say "the local runner, from empty"
PORT=9010 S3_PORT=9011 LOCAL_DIR=$work/local start local "$api/_local" "$target/debug/local" --fresh

say "the published client connects a Dropbox"
python3 infra/ci/published_dropbox.py "$api" "$api/_local/mail.json?wait=10&to={address}"

say "two hundred callers refresh one account"
python3 infra/ci/refresh_storm.py "$api"

say "a browser connects every drive, and curl uses its URLs"
NODE_PATH=$tools/browser/node_modules node infra/ci/browser/drives.mjs "$api"
