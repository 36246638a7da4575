#!/usr/bin/env bash
# What people get who are sent a file, in a browser: the local runner's mails, the page that their links
# lead to, and the file. Everything listens on loopback and is stopped at the end.
#
# Usage: share.sh TOOLS
# TOOLS/browser holds playwright-core and axe-core; Debian's chromium, node and curl are there, and Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tools=$1
source infra/ci/servers.sh

# Other ports than the other runs' and than a developer's own runner.
api=http://127.0.0.1:9030
s3=http://127.0.0.1:9031

if [[ ! -x /usr/bin/chromium ]]; then
  echo "there is no chromium: apt-get install chromium"
  exit 1
fi
for package in playwright-core axe-core; do
  if [[ ! -d $tools/browser/node_modules/$package ]]; then
    echo "there is no $package in $tools/browser: npm install --prefix $tools/browser $package@VERSION"
    exit 1
  fi
done

# As the end-to-end run does, so that nothing is built again.
cargo build --locked --package local --package xtask

say "the local runner, from empty"
PORT=9030 S3_PORT=9031 LOCAL_DIR=$work/local start local "$api/_local" "$target/debug/local" --fresh

say "a browser reads the mails, opens the links and downloads the files"
NODE_PATH=$tools/browser/node_modules node infra/ci/browser/share.mjs \
  "$api" "$s3" "$work/local" "${SCREENSHOTS:-$work/screenshots}"
