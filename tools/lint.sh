# shellcheck shell=bash
# ./dev format, lint, tidy.

cppFiles() {
    treeFiles 'src/*.h' 'src/*.cpp' 'include/*.h' 'tests/*.h' 'tests/*.cpp' 'examples/*.h' 'examples/*.cpp' \
        'bench/micro/*.h' 'bench/micro/*.cpp'
}

shellFiles() { treeFiles dev .ci/run 'tools/*.sh' 'bench/*.sh' 'bench/nchan/*.sh' 'docker/*.sh' 'config/deploy/*' 'buildpack/bin/*' 'tests/*.sh' 'examples/*.sh' 'examples/*/run'; }

# Versions lay out differently; 14 is the one of Debian 12.
clangFormat() {
    local tool
    for tool in clang-format-14 clang-format; do
        if command -v "$tool" >/dev/null && [[ $("$tool" --version) == *"version 14."* ]]; then
            printf '%s\n' "$tool"
            return
        fi
    done
    return 1
}

formatFiles() {
    local -a how=("$@") files=()
    local tool
    tool=$(clangFormat) || fail "format: needs clang-format 14, as .clang-format does"
    mapfile -t files < <(cppFiles)
    "$tool" "${how[@]}" "${files[@]}"
    say "${#files[@]} files"
}

devFormat() {
    stage "packages" setUp lint
    case ${1:-} in
        "") stage "format" formatFiles -i ;;
        --check) stage "format" formatFiles --dry-run --Werror ;;
        *) fail "format: unknown argument '$1'" ;;
    esac
}

checkShell() {
    local -a files=()
    mapfile -t files < <(shellFiles)
    shellcheck -x "${files[@]}"
    say "${#files[@]} scripts"
}

checkPython() {
    local -a files=()
    mapfile -t files < <(treeFiles 'bench/*.py' 'tools/*.py' 'tests/*.py')
    PYTHONPYCACHEPREFIX=$PWD/build/pycache python3 -m py_compile "${files[@]}"
    PYTHONPYCACHEPREFIX=$PWD/build/pycache python3 -m unittest discover --quiet -s bench -p '*_test.py'
    say "${#files[@]} files"
}

# Links within the repository, and names of variables, metrics and commands.
checkDocuments() {
    PYTHONDONTWRITEBYTECODE=1 python3 tools/documentation/links.py
    PYTHONDONTWRITEBYTECODE=1 python3 tools/documentation/names.py
}

devLint() {
    stage "packages" setUp lint
    stage "shellcheck" checkShell
    stage "python" checkPython
    stage "documents" checkDocuments
    stage "version and changelog" python3 -B tests/release/release_texts.py
    stage "format" formatFiles --dry-run --Werror
}

runTidy() {
    treeFiles 'src/*.cpp' | xargs -P "$(jobs)" -n 4 clang-tidy -p build/dev --quiet
}

devTidy() {
    stage "packages" setUp build test lint
    stage "configure (dev)" configure dev -DMWS_BUILD_TESTS=ON
    stage "clang-tidy" runTidy
}
