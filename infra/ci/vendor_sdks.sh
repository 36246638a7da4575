#!/usr/bin/env bash
# The vendors' own SDKs against the simulators of their drives: what an SDK cannot do there, our
# client must not rely on. Listens on loopback and is stopped at the end.
#
# Usage: vendor_sdks.sh TOOLS PYTHON
# The SDKs are installed into TOOLS/vendor-sdks by PYTHON, which has pip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

venv=$1/vendor-sdks
python=$2
source infra/ci/servers.sh

port=9020
root=http://127.0.0.1:$port

# One environment for all: where two vendors' pins do not fit together, pip says so and this ends.
"$python" -m venv --without-pip "$venv"
requirements=()
for file in infra/ci/vendor_sdks/requirements-*.txt; do
  requirements+=(--requirement "$file")
done
"$python" -m pip --python "$venv/bin/python" --disable-pip-version-check install --quiet "${requirements[@]}"

# With the features that the workspace's tests were built with, so that nothing is built again.
cargo build --locked --workspace --example drives

start simulators "$root/control/box" "$target/debug/examples/drives" "$port"

for script in infra/ci/vendor_sdks/*.py; do
  "$venv/bin/python" "$script" "$root"
done
