#!/usr/bin/env bash
# The product as people use it: the local runner with the README's tour, the published client's code
# and aws-cli beside it; then the Lambda binaries and the runner on an emulator of other hands.
# Everything listens on loopback and is stopped at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

source infra/ci/servers.sh

api=http://127.0.0.1:9000
s3=http://127.0.0.1:9001
access_key=LOCALACCESSKEY000001
secret_key=local-secret-key-of-the-embedded-s3

cargo build --locked --package local --package xtask

say "the local runner, from empty"
export LOCAL_DIR=$work/local
start local "$api/_local" "$target/debug/local" --fresh
grep -q "The desktop API is at $api" "$work/local.log"

say "the README's tour, literally"
awk '/^```sh tour$/ {on = 1; next} /^```$/ {on = 0} on' README.md >"$work/tour.sh"
if ! diff <(grep -v '^#\|^$' infra/local/src/walkthrough.sh) <(grep -v '^API=' "$work/tour.sh"); then
  echo "the README's tour is not the one that the runner prints"
  exit 1
fi
(cd "$work" && bash -eo pipefail tour.sh) | tee "$work/tour.out"
for expected in '"name":"demo"' '"path":"notes/hello.txt"' 'Hello!' 'attachment; filename=' '"servicePort":"8089"' '"jwtToken":"' \
  '<h1><bdi>welcome.txt</bdi></h1>' 'Welcome to the desktop API on this machine.' 'Hello, Dropbox!' '"type":"SESSION"' \
  'This is your demo drive.'; do
  grep -qF -- "$expected" "$work/tour.out" || { echo "the tour did not print $expected"; exit 1; }
done

say "aws-cli agrees on what is in the bucket"
aws_s3() {
  AWS_ACCESS_KEY_ID=$access_key AWS_SECRET_ACCESS_KEY=$secret_key AWS_DEFAULT_REGION=us-east-1 \
    aws --endpoint-url "$s3" "$@"
}
aws_s3 s3api list-objects-v2 --bucket demo --prefix notes/ >"$work/notes.json"
grep -qF '"Key": "notes/"' "$work/notes.json"
if grep -q hello.txt "$work/notes.json"; then
  echo "the tour deleted hello.txt, and it is still there"
  exit 1
fi
echo 'by aws-cli' >"$work/cli.txt"
aws_s3 s3 cp "$work/cli.txt" 's3://demo/by cli +%.txt'
aws_s3 s3 ls s3://demo/ | tee "$work/ls.out"
grep -q 'by cli +%.txt' "$work/ls.out"

say "a user's day, and the published client"
mails="$api/_local/mail.json?wait=10&to={address}"
"$target/debug/xtask" smoke --url "$api" --mail-url "$mails" --service-url "$s3" \
  --access-key "$access_key" --secret-key "$secret_key" --bucket demo
python3 infra/ci/published_client.py "$api" "$mails" "$s3" "$access_key" "$secret_key" demo

say "records, files and mails outlive the runner"
stop_last
start local "$api/_local" "$target/debug/local"
curl -sS "$api/_local/mail.json?to=jane@example.com" | grep -q 'Confirm your sign-up'
token=$(curl -sS -X POST "$api/api/authentication/request_token")
curl -sS -X POST "$api/api/authentication/login" -H 'content-type: application/json' \
  -d "{\"requestToken\": $token, \"username\": \"JANE@example.com\", \"password\": \"correct horse battery\", \"type\": 16}" |
  grep -q '"jwtToken"'
aws_s3 s3 ls s3://demo/ | grep -q 'by cli +%.txt'

say "what a stranger can tell about an address"
python3 infra/ci/enumeration.py "$api"
stop_last

say "the same service on another emulator"
moto=http://127.0.0.1:5000
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1
start moto "$moto/moto-api/" moto_server --host 127.0.0.1 --port 5000
AWS_ENDPOINT_URL=$moto start local-on-moto "$api/_local" "$target/debug/local"
"$target/debug/xtask" smoke --url "$api" --mail-url "$moto/moto-api/data.json" --service-url "$moto" \
  --access-key testing --secret-key testing --bucket demo
stop_last

say "the Lambda binaries on that emulator"
# The runner has made table, secret, sender and bucket there. Every function is a process of its own,
# fed by the Runtime API of cargo-lambda's emulator.
cat >"$work/env" <<ENV
AWS_ENDPOINT_URL=$moto
TABLE_NAME=desktop-api
SECRET_ID=desktop-api-keys
MAIL_FROM=no-reply@desktop.example
STAGE=local
EGRESS_ALLOW_LOOPBACK=true
PUBLIC_URL=http://127.0.0.1:9002
DEMO_BUCKET=desktop-api-demo-drives
ENV
# Built before, since the first request to each would wait for it.
cargo build --locked --bins --package auth --package cloud-accounts --package links --package log-settings --package oauth \
  --package signup --package storage
start lambda "http://127.0.0.1:9002/" \
  cargo lambda watch --ignore-changes --invoke-address 127.0.0.1 --invoke-port 9002 --env-file "$work/env"
"$target/debug/xtask" smoke --url http://127.0.0.1:9002 --mail-url "$moto/moto-api/data.json" --service-url "$moto" \
  --access-key testing --secret-key testing --bucket demo
stop_last
