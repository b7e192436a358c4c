# shellcheck shell=bash
# ./dev prove: the long proof. Its record is docs/proof/DATE-COMMIT.txt.

proof_file=""

proofHeader() {
    printf 'commit    %s\n' "$(git log -1 --format='%H %cI %s')"
    printf 'date      %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    printf 'machine   %s, %s cores, %s, %s\n' \
        "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
        "$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)" "$(uname -sr)"
    printf 'system    %s\n' "$(. /etc/os-release && echo "$PRETTY_NAME")"
    local tool
    for tool in g++ clang++ cmake ninja qmake6 node debootstrap; do
        command -v "$tool" >/dev/null || continue
        printf '%-9s %s\n' "$tool" "$("$tool" --version 2>&1 | grep -m 1 -E '[0-9]')"
    done
}

# provePart COMMAND... : runs ./dev with these arguments; notes the result, its seconds and its closing lines.
provePart() {
    local log=build/proof-$1.txt began=$SECONDS status=0
    mkdir -p build
    ./dev "$@" 2>&1 </dev/null | tee "$log" || status=${PIPESTATUS[0]}
    {
        printf '\n$ ./dev %s\n' "$*"
        grep -E '^(<== |[0-9]+% tests passed|Total Test time|    (POST|GET|SIGTERM)|    stat::)|tests failed|FAILED' "$log" | sed 's/^/  /' || true
        if ((status == 0)); then printf 'result: passed, '; else printf 'result: FAILED (status %d), ' "$status"; fi
        printf '%d s\n' $((SECONDS - began))
    } >>"$proof_file"
    return "$status"
}

devProve() {
    local part failed=0
    (($#)) || set -- asan tsan debian-13 fresh-debian-12 fuzz
    [[ -z $(git status --porcelain --untracked-files=no) ]] || fail "prove: commit first; the record names the commit that it ran on"
    mkdir -p docs/proof
    proof_file=docs/proof/$(date -u +%Y-%m-%d)-$(git rev-parse --short=10 HEAD).txt
    proofHeader >"$proof_file"
    for part in "$@"; do
        case $part in
            asan | tsan) provePart "$part" ;;
            debian-13) provePart test --debian 13 ;;
            fresh-debian-12) provePart test --debian 12 --fresh ;;
            fuzz) provePart fuzz "${MWS_PROVE_FUZZ_SECONDS:-600}" ;;
            test) provePart test ;;
            *) fail "prove: no part '$part'; there are asan, tsan, debian-13, fresh-debian-12, fuzz, test" ;;
        esac || failed=1
    done
    printf '\n'
    cat "$proof_file"
    printf '\nthe record: %s\n' "$proof_file"
    return "$failed"
}
