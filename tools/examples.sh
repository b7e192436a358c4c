# shellcheck shell=bash
# ./dev examples: builds and tests the examples; examples/NAME/run builds through it.

exampleNames() {
    local run
    for run in examples/*/run; do
        [[ ! -e $run ]] || basename "${run%/run}"
    done
}

# The preset that examples/NAME/run starts programs from: MWS_EXAMPLES_PRESET for those who build another one anyway.
examplesPreset() { printf '%s\n' "${MWS_EXAMPLES_PRESET:-examples}"; }

# installExamplePackages [NAME] : the npm packages of an example, or of all, as their lock files have them.
installExamplePackages() {
    local lock dir
    for lock in examples/${1:-*}/package-lock.json; do
        dir=${lock%/*}
        [[ -e $lock ]] || continue
        [[ $dir/node_modules/.package-lock.json -nt $lock ]] || (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund </dev/null)
    done
}

buildExamples() {
    buildPreset "$(examplesPreset)"
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
