# shellcheck shell=bash
# ./dev build, run, test, asan, tsan.

jobs() { nproc; }

# configure PRESET [CMAKE ARGUMENT...]
configure() {
    local preset=$1
    shift
    grep -q "\"name\": \"$preset\"" CMakePresets.json || fail "no preset named '$preset'; CMakePresets.json has release, dev, asan, tsan, fuzz, examples"
    cmake --preset "$preset" "$@"
}

# Objects are shared with other checkouts, whatever folder they are in.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

# testJobs PRESET : most tests wait for something, so there are more at a time than cores; under the sanitizers they compute.
# MWS_TEST_JOBS sets another number, as for a search for tests that load upsets.
testJobs() {
    local usual=$(($(nproc) + 1))
    [[ $1 != dev ]] || usual=$((2 * $(nproc) + 1))
    echo "${MWS_TEST_JOBS:-$usual}"
}

# compile PRESET [TARGET...]
compile() {
    local preset=$1
    shift
    ninja -C "build/$preset" -j "$(jobs)" "$@"
}

# buildPreset PRESET [TARGET...] : everything but tests for `release`, the gateway and the examples for `examples`, everything for the
# others. Under the sanitizers the examples are left out: what is ours in them is the client library, which has tests of
# its own, and the rest would be Qt Quick and Chromium.
buildPreset() {
    local preset=$1 tests=ON examples=OFF
    shift
    local -a targets=("$@")
    [[ $preset == release || $preset == examples ]] && tests=OFF
    [[ $preset == dev || $preset == examples ]] && examples=ON
    if [[ $preset == release ]]; then
        stage "packages" setUp build
    elif [[ $preset == examples ]]; then
        stage "packages" setUp build examples
    elif [[ $preset == dev ]]; then
        stage "packages" setUp build test examples
    elif [[ $preset == fuzz ]]; then
        stage "packages" setUp build fuzz
        tests=OFF
        (($#)) || targets=(fuzzers)
    else
        stage "packages" setUp build test
    fi
    stage "configure ($preset)" configure "$preset" "-DMWS_BUILD_TESTS=$tests" "-DMWS_BUILD_EXAMPLES=$examples"
    stage "build ($preset)" compile "$preset" "${targets[@]}"
}

# devBuild [PRESET [TARGET...]]
devBuild() {
    local preset=${1:-release}
    (($# == 0)) || shift
    buildPreset "$preset" "$@"
    [[ ! -x build/$preset/mws-gateway ]] || say "the executable: build/$preset/mws-gateway"
}

# The npm clients of the end-to-end tests, as their lock files have them.
installNpmClients() {
    local lock dir
    find tests examples -name node_modules -prune -o -name package-lock.json -print | while read -r lock; do
        dir=${lock%/*}
        if [[ $dir/node_modules/.package-lock.json -nt $lock ]]; then
            say "$dir: npm packages are there"
        else
            (cd "$dir" && npm ci --no-audit --no-fund </dev/null)
        fi
    done
}

sanitizerOptions() {
    local supp
    export ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
    export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
    export TSAN_OPTIONS="ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
    supp=$PWD/tests/tsan.supp
    [[ ! -f $supp ]] || TSAN_OPTIONS="suppressions=$supp:$TSAN_OPTIONS"
    supp=$PWD/tests/lsan.supp
    [[ ! -f $supp ]] || export LSAN_OPTIONS="suppressions=$supp${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
}

# runSuite PRESET [FILTER] [LABELS] : all of ctest, but what has one of these labels; its closing lines stay the last
# that it prints.
runSuite() {
    local preset=$1 filter=${2:-} without=${3:-}
    local -a command=(ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(testJobs "$preset")")
    [[ -z $filter ]] || command+=(-R "$filter")
    [[ -z $without ]] || command+=(-LE "^($without)\$")
    # GCC's ThreadSanitizer cannot live with the address layout that newer kernels randomise.
    if [[ $preset == tsan ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
        command=(setarch "$(uname -m)" -R "${command[@]}")
    fi
    export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} CTEST_OUTPUT_ON_FAILURE=1
    "${command[@]}" </dev/null
}

# testPreset PRESET [FILTER] [LABELS]
testPreset() {
    buildPreset "$1"
    stage "npm clients" installNpmClients
    sanitizerOptions
    stage "tests ($1)" runSuite "$1" "${2:-}" "${3:-}"
}

devTest() {
    local preset=dev filter="" debian="" fresh=reuse
    while (($#)); do
        case $1 in
            --preset) preset=${2:?--preset wants a name} && shift ;;
            --filter) filter=${2:?--filter wants a regular expression} && shift ;;
            --debian) debian=${2:?--debian wants 12 or 13} && shift ;;
            --fresh) fresh=fresh ;;
            *) fail "test: unknown argument '$1' (see ./dev help)" ;;
        esac
        shift
    done
    if [[ -n $debian ]]; then
        testInDebianRoot "$debian" "$fresh" "$preset" "$filter"
    else
        [[ $fresh == reuse ]] || fail "test: --fresh goes with --debian"
        testPreset "$preset" "$filter"
    fi
}

devSanitizer() {
    local preset=$1 filter="" without=""
    shift
    while (($#)); do
        case $1 in
            --filter) filter=${2:?--filter wants a regular expression} && shift ;;
            --without) without=${2:?--without wants labels, with | between them} && shift ;;
            *) fail "$preset: unknown argument '$1' (see ./dev help)" ;;
        esac
        shift
    done
    testPreset "$preset" "$filter" "$without"
}
