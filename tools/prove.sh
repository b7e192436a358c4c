# shellcheck shell=bash
# ./dev prove: the long proof. Its record is docs/proof/DATE-COMMIT.txt.

proof_file=""
readonly proof_parts=(asan tsan debian-13 fresh-debian-12 integrity cluster docs deploy package release soak fuzz)

proofHeader() {
    printf 'commit    %s\n' "$(git log -1 --format='%H %cI %s')"
    printf 'date      %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    printf 'machine   %s, %s cores, %s, %s\n' \
        "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
        "$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)" "$(uname -sr)"
    printf 'system    %s\n' "$(. /etc/os-release && echo "$PRETTY_NAME")"
    local tool
    for tool in g++ clang++ cmake ninja node; do
        command -v "$tool" >/dev/null || continue
        printf '%-9s %s\n' "$tool" "$("$tool" --version 2>&1 | grep -m 1 -E '[0-9]')"
    done
    printf 'Qt        %s\n' "$(qmake6 -query QT_VERSION 2>/dev/null || echo unknown)"
}

# provePart COMMAND... : runs ./dev with these arguments; notes the result, its seconds and its closing lines.
provePart() {
    local log=build/proof-$1.txt began=$SECONDS status=0
    mkdir -p build
    ./dev "$@" 2>&1 </dev/null | tee "$log" || status=${PIPESTATUS[0]}
    {
        printf '\n$ ./dev %s\n' "$*"
        grep -E '^(<== |test_[0-9]_.* ok$|    byte for byte|[0-9]+% tests passed|Total Test time|    (POST|GET|SIGTERM)|    fuzz_|[0-9]+ messages |[0-9]+ messages, |Ran [0-9]+ tests|the image: |meanwhile: |soak: )|tests failed|FAILED' "$log" | sed 's/^/  /' || true
        if ((status == 0)); then printf 'result: passed, '; else printf 'result: FAILED (status %d), ' "$status"; fi
        printf '%d s\n' $((SECONDS - began))
    } >>"$proof_file"
    return "$status"
}

# proofCommand PART : the arguments of ./dev that make it.
proofCommand() {
    case $1 in
        asan | tsan | test) echo "$1" ;;
        debian-13) echo "test --debian 13" ;;
        fresh-debian-12) echo "test --debian 12 --fresh" ;;
        integrity) echo integrity ;;
        cluster) echo "test --filter ^(Cluster|OneRedis|PrimaryAndReplica|ClocksApart|NodesOnRedisCluster|CutLink|DrainDelay)" ;;
        docs) echo docs ;;
        deploy) echo deploy ;;
        package) echo "package --test" ;;
        release) echo "release --twice" ;;
        soak) echo "soak 600" ;;
        fuzz) echo "fuzz ${MWS_PROVE_FUZZ_SECONDS:-600}" ;;
        *) fail "prove: no part '$1'; there are test and: ${proof_parts[*]}" ;;
    esac
}

devProve() {
    local part failed=0
    local -a command
    (($#)) || set -- "${proof_parts[@]}"
    for part in "$@"; do
        proofCommand "$part" >/dev/null
    done
    [[ -z $(git status --porcelain --untracked-files=no) ]] || fail "prove: commit first; the record names the commit that it ran on"
    mkdir -p docs/proof
    proof_file=docs/proof/$(date -u +%Y-%m-%d)-$(git rev-parse --short=10 HEAD).txt
    [[ ! -s $proof_file ]] || printf '\n' >>"$proof_file" # other parts on this commit
    proofHeader >>"$proof_file"
    for part in "$@"; do
        read -ra command <<<"$(proofCommand "$part")"
        provePart "${command[@]}" || failed=1
    done
    printf '\n'
    cat "$proof_file"
    printf '\nthe record: %s\n' "$proof_file"
    return "$failed"
}
