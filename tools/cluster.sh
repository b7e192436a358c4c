# shellcheck shell=bash
# ./dev cluster: three nodes, Redis and haproxy on this machine, in the foreground. What ends is started again.

cluster_folder=$PWD/build/cluster
cluster_nodes=(node1 node2 node3)
cluster_ending=""
declare -A cluster_port=() cluster_pid=() cluster_began=()

# Below the range from which clients get theirs, so that it is still free when a node comes back.
freeClusterPort() {
    local port taken
    for _ in {1..100}; do
        port=$((20000 + RANDOM % 10000))
        taken=" ${cluster_port[*]} "
        [[ $taken != *" $port "* ]] && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    done
    printf '%s\n' "$port"
}

# The package redis-tools has the server by another name, which it goes by.
redisProgram() {
    local program
    program=$(command -v redis-server || command -v redis-check-rdb) || fail "cluster: no redis-server (./dev setup cluster)"
    ln -sfn "$program" "$cluster_folder/redis-server"
}

# clusterProcess NAME : becomes it. A process group of its own, so that Ctrl+C comes to ./dev alone, which ends all in
# order; and if ./dev is killed, so is this.
clusterProcess() {
    local name=$1
    local -a own=(setpriv --pdeathsig TERM setsid) node=()
    case $name in
        redis)
            mkdir -p "$cluster_folder/redis"
            exec "${own[@]}" "$cluster_folder/redis-server" --bind 127.0.0.1 --port "${cluster_port[redis]}" \
                --dir "$cluster_folder/redis" --save "" --appendonly yes
            ;;
        haproxy)
            exec "${own[@]}" env "MWS_LISTEN=127.0.0.1:${cluster_port[haproxy]}" \
                "MWS_NODE_1=127.0.0.1:${cluster_port[node1]}" "MWS_NODE_2=127.0.0.1:${cluster_port[node2]}" \
                "MWS_NODE_3=127.0.0.1:${cluster_port[node3]}" haproxy -db -f config/haproxy.cfg
            ;;
        *)
            node=("REDIS_URL=redis://127.0.0.1:${cluster_port[redis]}" "MWS_SERVER_PORT=${cluster_port[$name]}"
                MWS_SERVER_ADDRESS=127.0.0.1 "MWS_SERVER_STATE_DIR=$cluster_folder/$name" MWS_SERVER_TRUST_FORWARDED=true
                "MWS_SERVER_DRAIN_DELAY=${MWS_SERVER_DRAIN_DELAY:-3s}")
            exec "${own[@]}" env -u PORT -u REDIS_HOST -u REDIS_PORT -u REDIS_PASSWORD "${node[@]}" build/release/mws-gateway
            ;;
    esac
}

startClusterProcess() {
    local name=$1
    clusterProcess "$name" >>"$cluster_folder/$name.log" 2>&1 </dev/null &
    cluster_pid[$name]=$!
    cluster_began[$name]=$SECONDS
}

# waitForCluster NAME COMMAND... : until it succeeds; not longer than 20 s, and not when NAME has ended.
waitForCluster() {
    local name=$1 end=$((SECONDS + 20))
    shift
    until "$@" >/dev/null 2>&1; do
        [[ -z $cluster_ending ]] || return 1
        if ((SECONDS > end)) || ! kill -0 "${cluster_pid[$name]}" 2>/dev/null; then
            tail -n 5 "$cluster_folder/$name.log" >&2
            fail "cluster: $name does not start; its log is $cluster_folder/$name.log"
        fi
        sleep 0.1
    done
}

isReady() { [[ $(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:${cluster_port[$1]}/health/ready") == 200 ]]; }

printClusterToTry() {
    local name
    printWhatToTry "http://127.0.0.1:${cluster_port[haproxy]}" | sed '/^Ctrl+C/,$d; s/^The gateway starts on/haproxy is/'
    for name in redis "${cluster_nodes[@]}" haproxy; do
        printf '  %-8s 127.0.0.1:%-6s process %-8s log build/cluster/%s.log\n' \
            "$name" "${cluster_port[$name]}" "${cluster_pid[$name]}" "$name"
    done
    cat <<TEXT

Any of them may be ended, and is started again:

  kill ${cluster_pid[node1]}         node1 drains: haproxy takes it out, its sockets are closed with 1001
  kill -9 ${cluster_pid[node2]}      node2 dies: its clients' connections are lost
  kill -9 ${cluster_pid[redis]}      messages are answered 503 until it is back; sockets stay open
  redis-cli -p ${cluster_port[redis]} monitor     what the nodes ask of Redis

Ctrl+C ends all of it.

TEXT
}

# How a process ended, in words.
endedHow() {
    if (($1 > 128)); then printf 'killed by signal %d (%s)' $(($1 - 128)) "$(kill -l $(($1 - 128)))"; else printf 'exit code %d' "$1"; fi
}

# clusterProcessEnded NAME STATUS
clusterProcessEnded() {
    local name=$1
    say "$name has ended: $(endedHow "$2")"
    if ((SECONDS - cluster_began[$name] < 2)); then
        unset "cluster_pid[$name]"
        tail -n 3 "$cluster_folder/$name.log"
        say "$name lived for less than 2 s and is not started again; see build/cluster/$name.log"
        return
    fi
    startClusterProcess "$name"
    say "$name is started again: process ${cluster_pid[$name]}"
}

superviseCluster() {
    local gone status name
    while [[ -z $cluster_ending ]] && ((${#cluster_pid[@]})); do
        gone="" status=0
        { wait -n -p gone "${cluster_pid[@]}" || status=$?; } 2>/dev/null
        [[ -n ${gone:-} && -z $cluster_ending ]] || continue # a signal unsets it
        for name in "${!cluster_pid[@]}"; do
            [[ ${cluster_pid[$name]} != "$gone" ]] || clusterProcessEnded "$name" "$status"
        done
    done
}

# signalCluster SIGNAL NAME...
signalCluster() {
    local signal=$1 name
    shift
    for name in "$@"; do
        [[ -z ${cluster_pid[$name]:-} ]] || kill -"$signal" "${cluster_pid[$name]}" 2>/dev/null || true
    done
}

# waitForEnd NAME... : a signal to ./dev interrupts wait, but not this.
waitForEnd() {
    local name
    for name in "$@"; do
        [[ -n ${cluster_pid[$name]:-} ]] || continue
        while kill -0 "${cluster_pid[$name]}" 2>/dev/null; do
            { wait "${cluster_pid[$name]}" || true; } 2>/dev/null
        done
        say "$name has ended"
        unset "cluster_pid[$name]"
    done
}

# The nodes first: their clients are told through haproxy, and what they have to say to Redis is said.
endCluster() {
    trap 'say "at once"; signalCluster KILL "${!cluster_pid[@]}"' INT TERM
    say "ending: the nodes drain for some seconds (again Ctrl+C: at once)"
    signalCluster TERM "${cluster_nodes[@]}"
    waitForEnd "${cluster_nodes[@]}"
    signalCluster TERM haproxy redis
    waitForEnd haproxy redis
}

startCluster() {
    local name
    redisProgram
    for name in redis "${cluster_nodes[@]}"; do cluster_port[$name]=$(freeClusterPort); done
    # All nodes sign with one key, so that any of them opens what another one has issued.
    startClusterProcess redis
    waitForCluster redis redis-cli -p "${cluster_port[redis]}" ping
    for name in "${cluster_nodes[@]}"; do startClusterProcess "$name"; done
    for name in "${cluster_nodes[@]}"; do waitForCluster "$name" isReady "$name"; done
    startClusterProcess haproxy
    waitForCluster haproxy isReady haproxy
}

devCluster() {
    local port=${1:-8080}
    if ! [[ $port =~ ^[0-9]{1,5}$ ]] || ((10#$port < 1 || 10#$port > 65535)); then
        fail "cluster: '$port' is no port; it is the one of haproxy, 8080 by default"
    fi
    cluster_port[haproxy]=$port
    stage "packages" setUp build run cluster
    stage "configure (release)" configure release -DMWS_BUILD_TESTS=OFF
    stage "build (release)" compile release mws-gateway
    mkdir -p "$cluster_folder"
    exec 9>"$cluster_folder/lock"
    flock -n 9 || fail "cluster: one runs already in this folder"
    rm -rf "$cluster_folder"/{redis,node?,*.log}
    trap 'cluster_ending=yes' INT TERM
    trap 'reportStage; signalCluster KILL "${!cluster_pid[@]}"' EXIT
    startCluster
    [[ -n $cluster_ending ]] || printClusterToTry
    superviseCluster
    endCluster
}
