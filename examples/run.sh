# shellcheck shell=bash
# What examples/NAME/run have in common; each sources this file. It builds what is missing, starts programs on free
# ports, and ends them all when the user presses Ctrl+C, or when one of them ends by itself.
set -euo pipefail

example=$(basename "$(dirname "$(readlink -f "$0")")")
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
here=$root/examples/$example
preset=${EXAMPLES_PRESET:-examples}
bin=$root/build/$preset
programs=$bin/examples/$example
work=$(mktemp -d "${TMPDIR:-/tmp}/mws-$example.XXXXXX")
pids=()
export QML_IMPORT_PATH=$bin/qml
# The security token of this run: only the programs that are started here know it.
token=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
# shellcheck disable=SC2034  # the examples use it
readonly example root here bin programs work token

note() { printf '%s\n' "$*"; }

# Ends what was started, the last first, and waits for it.
endAll() {
    local status=$? index
    trap '' INT TERM
    trap - EXIT
    for ((index = ${#pids[@]} - 1; index >= 0; --index)); do
        kill -TERM "${pids[index]}" 2>/dev/null || continue
        wait "${pids[index]}" 2>/dev/null || true
    done
    rm -rf "$work"
    exit "$status"
}
trap endAll EXIT
trap 'note; note "Ending."; exit 0' INT TERM

# buildExample : the gateway, the example's programs and its npm packages, if any of them is missing or older than its source.
buildExample() {
    note "Building what is missing (the first time takes some minutes) ..."
    if ! "$root/dev" examples --build "$example" >"$work/build.log" 2>&1; then
        tail -n 40 "$work/build.log" >&2
        exit 1
    fi
}

# start NAME COMMAND... : runs it in the background; what it says goes to $work/NAME.log.
start() {
    local name=$1
    shift
    # In a process group of its own, so that Ctrl+C reaches it by endAll only, in the right order.
    setsid "$@" >"$work/$name.log" 2>&1 </dev/null &
    pids+=($!)
}

# waitForPort NAME [WORDS] : waits until the log of a program names its port behind WORDS (a regular expression); sets `port`.
waitForPort() {
    local name=$1 words=${2:-'listening on http://127\.0\.0\.1:'} pid=${pids[-1]} tries
    for ((tries = 0; tries < 300; ++tries)); do
        port=$(sed -nE "s~.*${words}([0-9]+).*~\\1~p" "$work/$name.log" | head -n 1)
        [[ -z $port ]] || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    note "$name did not start:" >&2
    tail -n 20 "$work/$name.log" >&2
    exit 1
}

# startGateway [NAME=VALUE...] : the gateway on a free port, with this run's token; sets `gateway` to its address.
# shellcheck disable=SC2120  # most examples need no settings
startGateway() {
    start gateway env MWS_SERVER_PORT="${MWS_SERVER_PORT:-0}" MWS_SERVER_STATE_DIR="$work/state" SECURITY_TOKEN="$token" \
        "$@" "$bin/mws-gateway"
    waitForPort gateway 'listening.*port='
    # shellcheck disable=SC2034  # the examples use it
    gateway=http://127.0.0.1:$port
}

# startServer NAME COMMAND... : a server that says where it listens; sets `port`.
startServer() {
    start "$@"
    waitForPort "$1"
}

# A display for windows: without one, the URLs are all that a user gets.
hasDisplay() { [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} || -n ${QT_QPA_PLATFORM:-} ]]; }

# startWindow NAME COMMAND... : a program with a window, or how to start it elsewhere where there is no display.
startWindow() {
    if hasDisplay; then
        start "$@"
    else
        shift
        note "  no display here for: $*"
    fi
}

# waitForEnd : until Ctrl+C, or until a program ends.
waitForEnd() {
    local status=0
    note "Ctrl+C ends everything. Logs are in $work."
    wait -n "${pids[@]}" || status=$?
    note "A program has ended (status $status)."
}
