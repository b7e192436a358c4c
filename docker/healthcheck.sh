#!/bin/bash
# healthcheck.sh [live|ready]: exits 0 if the gateway on this machine's $PORT (8080) answers GET /health/live, or
# /health/ready, with 200. With TLS on, its answer to plain HTTP is 400: then it lives, and more cannot be said.
# Needs nothing but bash.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/${PORT:-8080}"
printf 'GET /health/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "${1:-live}" >&3
read -r -t 2 _ status _ <&3
[[ $status == 200 || $status == 400 ]]
