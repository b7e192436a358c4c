# shellcheck shell=bash
# ./dev examples: builds and tests the examples; examples/NAME/run builds through it, with the preset `examples`, or
# EXAMPLES_PRESET for those who build another one anyway.

exampleNames() {
    local run
    for run in examples/*/run; do
        [[ ! -e $run ]] || basename "${run%/run}"
    done
}

# installExamplePackages [NAME] : the npm packages of an example, or of all, as their lock files have them.
installExamplePackages() {
    local lock dir
    for lock in examples/${1:-*}/package-lock.json; do
        dir=${lock%/*}
        [[ -e $lock ]] || continue
        [[ $dir/node_modules/.package-lock.json -nt $lock ]] || (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund </dev/null)
    done
}

# buildExamples [NAME] : its programs, the gateway and npm packages, or those of all.
buildExamples() {
    local preset=${EXAMPLES_PRESET:-examples}
    stage "packages" setUp build examples
    stage "configure ($preset)" configure "$preset" -DMWS_BUILD_EXAMPLES=ON
    stage "build ($preset)" compile "$preset" "${1:+example-}${1:-examples}"
    stage "npm packages" installExamplePackages "$@"
}

# runExampleTests [NAME]
runExampleTests() {
    local -a command=(ctest --test-dir build/dev --output-on-failure --no-tests=error)
    if [[ -n ${1:-} ]]; then
        command+=(-R "^example\\.$1\\.")
    else
        command+=(-L '^examples$')
    fi
    "${command[@]}" </dev/null
}

testExamples() {
    buildPreset dev
    stage "tests of ${1:-all examples}" runExampleTests "$@"
    if [[ ${MWS_SCREENSHOTS:-} == 1 ]]; then
        say "pictures are in examples/*/screenshot-*.png"
    else
        say "pictures are in build/dev/screenshots"
    fi
}

devExamples() {
    local name="" action=testExamples
    while (($#)); do
        case $1 in
            --screenshots) export MWS_SCREENSHOTS=1 ;;
            --build) action=buildExamples ;;
            -*) fail "examples: unknown argument '$1' (see ./dev help)" ;;
            *)
                [[ -e examples/$1/run ]] || fail "examples: no example named '$1'; there are: $(exampleNames | paste -sd ' ')"
                name=$1
                ;;
        esac
        shift
    done
    "$action" ${name:+"$name"}
}
