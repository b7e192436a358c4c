# shellcheck shell=bash
# ./dev fuzz: libFuzzer targets build/fuzz/fuzz_*, seeds from tests/fuzz/corpus/TARGET.

fuzzTargets() {
    local path
    for path in build/fuzz/fuzz_*; do
        [[ ! -f $path || ! -x $path ]] || printf '%s\n' "${path##*/}"
    done
}

# fuzzOne TARGET SECONDS : new inputs stay in build/fuzz/corpus, findings in build/fuzz/findings.
fuzzOne() {
    local target=$1 seconds=$2 name=${1#fuzz_} status=0 log
    local -a seeds=()
    mkdir -p "build/fuzz/corpus/$target" build/fuzz/findings
    for dir in "tests/fuzz/corpus/$target" "tests/fuzz/corpus/$name"; do
        [[ ! -d $dir ]] || seeds+=("$dir")
    done
    log=build/fuzz/$target.txt
    "build/fuzz/$target" "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        "-artifact_prefix=build/fuzz/findings/$target-" "build/fuzz/corpus/$target" "${seeds[@]}" >"$log" 2>&1 </dev/null || status=$?
    if ((status != 0)); then
        grep -v '^INFO: ' "$log" | tail -n 60
        say "$target found something: the input is under build/fuzz/findings, all of its output in $log"
        return "$status"
    fi
    grep -E '^(Done|stat::(number_of_executed_units|average_exec_per_sec))' "$log" | sed 's/^/    /'
}

devFuzz() {
    local wanted=all seconds=60 target
    local -a targets=()
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        seconds=$1
    elif (($#)); then
        wanted=${1#fuzz_}
        seconds=${2:-60}
    fi
    [[ $seconds =~ ^[0-9]+$ ]] || fail "fuzz: '$seconds' is not a number of seconds"
    [[ -f tests/fuzz/CMakeLists.txt ]] || fail "fuzz: there is no tests/fuzz/CMakeLists.txt"
    buildPreset fuzz
    mapfile -t targets < <(fuzzTargets)
    ((${#targets[@]})) || fail "fuzz: the build made no build/fuzz/fuzz_*"
    if [[ $wanted != all ]]; then
        [[ -x build/fuzz/fuzz_$wanted ]] || fail "fuzz: no target '$wanted'; there are: ${targets[*]}"
        targets=("fuzz_$wanted")
    fi
    for target in "${targets[@]}"; do
        stage "$target, $seconds s" fuzzOne "$target" "$seconds"
    done
}
