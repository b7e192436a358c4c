# shellcheck shell=bash
# ./dev micro, ./dev instructions: the hot paths of bench/micro, by the clock and by callgrind's count.

# buildMicro TARGET... : into build/release, next to the gateway.
buildMicro() {
    stage "packages" setUp build micro
    stage "configure (release)" configure release -DMWS_BUILD_TESTS=OFF -DMWS_BUILD_MICRO=ON
    stage "build ($*)" compile release "$@"
}

# Debian's library warns that it was built with assertions; they are not in what is measured.
timeHotPaths() {
    build/release/micro_benchmarks --benchmark_min_time=0.2 --benchmark_counters_tabular=true "$@" </dev/null
}

devMicro() {
    (($# <= 1)) || fail "micro: one regular expression, not $#"
    buildMicro micro_benchmarks
    stage "micro-benchmarks" timeHotPaths ${1:+"--benchmark_filter=$1"}
}

devInstructions() {
    buildMicro count_instructions mws-gateway
    stage "instructions" python3 -B bench/instructions.py "$@"
}
