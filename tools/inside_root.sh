#!/bin/bash
# Runs inside a root that tools/debian_root.sh made.
#   inside_root.sh dev ARGUMENT...   ./dev with these arguments
#   inside_root.sh tryRun            ./dev run, a message through it, and a clean end
set -euo pipefail
cd /src/mws-gateway
. tools/stage.sh

export DEBIAN_FRONTEND=noninteractive

# The host's own authorities, where it has any: Debian's bundle takes them in, Node.js needs to be told.
trustHostAuthorities() {
    compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null || return 0
    if ! command -v update-ca-certificates >/dev/null; then
        apt-get -q update
        apt-get -qy -o Dpkg::Use-Pty=0 install --no-install-recommends ca-certificates
    fi
    update-ca-certificates >/dev/null
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
}

# untilAnswers URL SECONDS PID : polls while the process lives.
untilAnswers() {
    local deadline=$((SECONDS + $2))
    while ((SECONDS < deadline)) && kill -0 "$3" 2>/dev/null; do
        if command -v curl >/dev/null && curl -fsS --max-time 2 "$1" 2>/dev/null; then
            printf '\n'
            return 0
        fi
        sleep 0.3
    done
    return 1
}

tryRun() {
    local base=http://127.0.0.1:8080 gateway status=0 answer
    ./dev run &
    gateway=$!
    untilAnswers "$base/" 1800 "$gateway" || fail "run: no answer from $base/"
    answer=$(curl -fsS -d '{"data": "Hello", "receivers": {"sockets": ["*"]}}' "$base/v1/messages")
    say "POST /v1/messages: $answer"
    say "GET /v1/websocket_uri: $(curl -fsS "$base/v1/websocket_uri" | sed -E 's/token=[^"]+/token=…/')"
    kill -TERM "$gateway"
    wait "$gateway" || status=$?
    ((status == 0)) || fail "run: the gateway ended with status $status after SIGTERM"
    say "SIGTERM: exit status 0"
}

trustHostAuthorities
case $1 in
    dev) ./dev "${@:2}" ;;
    tryRun) tryRun ;;
    *) fail "inside_root.sh: unknown job '$1'" ;;
esac
