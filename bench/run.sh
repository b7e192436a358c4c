#!/usr/bin/env bash
# Measures build/release/mws-gateway side by side with nginx and nchan, with wsload, on this machine. `./dev bench`
# builds and installs what it needs; `bench/run.sh --help` explains the options.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

readonly token=bench
rounds=3
duration=5
workers=1
report=print
servers=(nchan gateway)
results=""
server_pid=""

usage() {
    cat <<'TEXT'
bench/run.sh [OPTIONS]
  --quick           one round of 2 s per case instead of three of 5 s
  --rounds N        rounds; the two servers take turns in going first (3)
  --workers N       workers of both servers (1)
  --only SERVER     nchan or gateway alone
  --keep FOLDER     where to leave what wsload measured (default: a folder that is removed)
  --write           put the table into docs/performance.md

Cases, each with messages of 512 bytes: idle sockets (memory, handshake), fan-out to all (one publisher, four), POST to
one socket (32 publishers), 200 messages a second. With 1,000 and 10,000 sockets.
TEXT
}

fail() {
    printf 'bench/run.sh: %s\n' "$*" >&2
    exit 1
}

stopServer() {
    [[ -n $server_pid ]] || return 0
    kill -TERM "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=""
}

cleanUp() {
    stopServer
    rm -rf "$work"
}

freePort() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# waitForPort PORT SECONDS : while the server lives.
waitForPort() {
    local deadline=$((SECONDS + $2))
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        kill -0 "$server_pid" 2>/dev/null || fail "the server ended; it said: $(tail -n 5 "$work/server.txt")"
        ((SECONDS < deadline)) || fail "no answer on port $1 within $2 s"
        sleep 0.05
    done
}

startNchan() {
    TMPDIR=$work bench/nchan/run.sh "$1" "$workers" >"$work/server.txt" 2>&1 </dev/null &
    server_pid=$!
}

startGateway() {
    rm -rf "$work/state"
    env -u PORT ACCESS_CONTROL=none SECURITY_TOKEN="$token" LOG_LEVEL=warning MWS_SERVER_PORT="$1" \
        MWS_SERVER_WORKERS="$workers" MWS_SERVER_STATE_DIR="$work/state" \
        build/release/mws-gateway >"$work/server.txt" 2>&1 </dev/null &
    server_pid=$!
}

# startServer SERVER PORT SOCKETS : a new process, so that no case inherits another's memory.
startServer() {
    if [[ $1 == nchan ]]; then
        startNchan "$2"
        waitForPort "$2" 10
    else
        startGateway "$2"
        waitForPort "$2" 10
        # URIs that open more than once: what a reservation takes is then there before and after the sockets.
        python3 bench/reserve_sockets.py "$2" "$token" "$3" >"$work/uris.txt"
    fi
}

# measure ROUND SERVER PORT CASE SOCKETS all|one|none [WSLOAD ARGUMENT...]
measure() {
    local round=$1 server=$2 port=$3 name=$4 sockets=$5 to=$6 path receivers=""
    local out=$results/$4-$5.$2.$1.json
    shift 6
    local -a arguments=(--conns "$sockets" --pids "$server_pid" --label "$server $name-$sockets" --json "$out"
        --size 512 --drain 3 --connect-timeout 20)
    case $server-$to in
        nchan-one) path="/pub/{k}" ;;
        nchan-*) path=/pub ;;
        gateway-one) path=/v1/messages receivers='{"tags":["t{k}"]}' ;;
        gateway-*) path=/v1/messages receivers='{"sockets":["*"]}' ;;
    esac
    if [[ $server == gateway ]]; then
        arguments+=(--ws-file "$work/uris.txt" --body "{\"data\":\"{msgesc}\",\"receivers\":$receivers}"
            --header "Authorization: Bearer $token")
    elif [[ $to == all ]]; then
        arguments+=(--ws "ws://127.0.0.1:$port/ws")
    else
        arguments+=(--ws "ws://127.0.0.1:$port/ws/{i}")
    fi
    [[ $to == none ]] || arguments+=(--post "http://127.0.0.1:$port$path" --duration "$duration" --warmup 1)
    timeout 60 build/release/wsload "${arguments[@]}" "$@" </dev/null \
        || printf '  round %s: %s %s-%s was not clean (status %d)\n' "$round" "$server" "$name" "$sockets" $? >&2
}

# measureServer ROUND SERVER
measureServer() {
    local round=$1 server=$2 port sockets
    for sockets in 1000 10000; do
        port=$(freePort)
        startServer "$server" "$port" "$sockets"
        measure "$round" "$server" "$port" idle "$sockets" none --hold 1
        measure "$round" "$server" "$port" fan-out-1 "$sockets" all --concurrency 1
        measure "$round" "$server" "$port" fan-out-4 "$sockets" all --concurrency 4
        measure "$round" "$server" "$port" post-32 "$sockets" one --concurrency 32
        measure "$round" "$server" "$port" rate-200 "$sockets" one --concurrency 4 --rate 200
        stopServer
    done
}

parseArguments() {
    while (($#)); do
        case $1 in
            --quick) rounds=1 duration=2 ;;
            --rounds) rounds=${2:?--rounds wants a number} && shift ;;
            --workers) workers=${2:?--workers wants a number} && shift ;;
            --only) servers=("${2:?--only wants nchan or gateway}") && shift ;;
            --keep) results=${2:?--keep wants a folder} && shift ;;
            --write) report="write" ;;
            --help | -h) usage && exit 0 ;;
            *) fail "unknown argument '$1' (see --help)" ;;
        esac
        shift
    done
    [[ "${servers[*]}" =~ ^(nchan|gateway|nchan gateway)$ ]] || fail "--only wants nchan or gateway"
}

checkWhatIsNeeded() {
    [[ -x build/release/wsload ]] || fail "no build/release/wsload: ./dev build"
    [[ "${servers[*]}" != *gateway* || -x build/release/mws-gateway ]] || fail "no build/release/mws-gateway: ./dev build"
    [[ "${servers[*]}" != *nchan* || -f /usr/lib/nginx/modules/ngx_nchan_module.so ]] || fail "no nginx with nchan: ./dev setup bench"
    ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
    (($(ulimit -n) >= 11000)) || fail "10,000 sockets need 'ulimit -n' of at least 11000; it is $(ulimit -n)"
}

main() {
    local round server
    for ((round = 1; round <= rounds; ++round)); do
        for server in "${servers[@]}"; do
            printf 'round %d of %d: %s\n' "$round" "$rounds" "$server"
            measureServer "$round" "$server"
        done
        # Whoever came second now comes first.
        ((${#servers[@]} == 1)) || servers=("${servers[1]}" "${servers[0]}")
    done
    python3 bench/medians.py "$results" "$report" "$workers"
}

parseArguments "$@"
checkWhatIsNeeded
work=$(mktemp -d)
trap cleanUp EXIT
results=${results:-$work/results}
mkdir -p "$results"
main
