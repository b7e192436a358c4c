# shellcheck shell=bash
# ./dev fuzz: libFuzzer targets build/fuzz/fuzz_*, seeds from tests/fuzz/corpus/TARGET, as many at a time as there are
# cores.

fuzzTargets() {
    local path
    for path in build/fuzz/fuzz_*; do
        [[ ! -f $path || ! -x $path ]] || printf '%s\n' "${path##*/}"
    done
}

# fuzzLog TARGET : where all that it says goes.
fuzzLog() { printf 'build/fuzz/%s.txt\n' "$1"; }

# reportFuzzing TARGET : one line on what was tried.
reportFuzzing() {
    local log runs speed reached
    log=$(fuzzLog "$1")
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    reached=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)
    printf '    %-24s nothing found in %d executions, %d a second; %s\n' "$1:" "${runs:-0}" "${speed:-0}" "$reached"
}

# reportFinding TARGET : what it was, the stack, and the input, made as small as half a minute allows.
reportFinding() {
    local target=$1 log input small
    log=$(fuzzLog "$target")
    grep -v '^INFO: ' "$log" | tail -n 60
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    if [[ -f $input && ${input##*/} == *-crash-* ]]; then
        small=${input/-crash-/-smaller-}
        "build/fuzz/$target" -minimize_crash=1 -max_total_time=30 -timeout=10 "-exact_artifact_path=$small" \
            "$input" >"${log%.txt}.smaller.txt" 2>&1 </dev/null || true
        [[ ! -s $small ]] || input=$small
    fi
    say "$target FOUND something; the input: $input; all that was said: $log"
    [[ ! -f $input ]] || head -c 512 "$input" | od -A d -t x1z | head -n 16
}

# fuzzOne TARGET SECONDS : new inputs stay in build/fuzz/corpus, findings in build/fuzz/findings.
fuzzOne() {
    local target=$1 seconds=$2 status=0
    local -a flags=()
    mkdir -p "build/fuzz/corpus/$target" build/fuzz/findings
    [[ ! -f build/fuzz/$target.flags ]] || mapfile -t flags <"build/fuzz/$target.flags"
    "build/fuzz/$target" "${flags[@]}" "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=2048 -reload=0 \
        -print_final_stats=1 "-artifact_prefix=build/fuzz/findings/$target-" "build/fuzz/corpus/$target" \
        "tests/fuzz/corpus/${target#fuzz_}" >"$(fuzzLog "$target")" 2>&1 </dev/null || status=$?
    if ((status != 0)); then
        reportFinding "$target"
    else
        reportFuzzing "$target"
    fi
    return "$status"
}

# fuzzAll SECONDS TARGET... : each has its seconds; all of them run, whatever one finds.
fuzzAll() {
    local seconds=$1 running=0 failed=0 target
    shift
    for target in "$@"; do
        if ((running == $(jobs))); then
            wait -n || failed=1
            running=$((running - 1))
        fi
        fuzzOne "$target" "$seconds" &
        running=$((running + 1))
    done
    for ((; running > 0; running--)); do
        wait -n || failed=1
    done
    return "$failed"
}

devFuzz() {
    local wanted=all seconds=60
    local -a targets=()
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        seconds=$1
    elif (($#)); then
        wanted=${1#fuzz_}
        seconds=${2:-60}
    fi
    [[ $seconds =~ ^[0-9]+$ ]] || fail "fuzz: '$seconds' is not a number of seconds"
    buildPreset fuzz
    sanitizerOptions
    mapfile -t targets < <(fuzzTargets)
    ((${#targets[@]})) || fail "fuzz: the build made no build/fuzz/fuzz_*"
    if [[ $wanted != all ]]; then
        [[ -x build/fuzz/fuzz_$wanted ]] || fail "fuzz: no target '$wanted'; there are: ${targets[*]}"
        targets=("fuzz_$wanted")
    fi
    stage "fuzz, ${#targets[@]} targets, $seconds s each" fuzzAll "$seconds" "${targets[@]}"
}
