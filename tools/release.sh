# shellcheck shell=bash
# ./dev release, sbom.

projectVersion() { sed -nE 's/^project\(.* VERSION ([0-9.]+).*/\1/p' CMakeLists.txt; }

# makeArchive COMMIT OUTPUT.tar.xz : the sources of a commit, byte for byte the same whoever makes it, where and when: git sorts the
# files, gives them the commit's time and the owner 0, and what the user has configured is turned off.
makeArchive() {
    local commit=$1 output=$2 version
    version=$(git show "$commit:CMakeLists.txt" | sed -nE 's/^project\(.* VERSION ([0-9.]+).*/\1/p')
    env -u GIT_CONFIG_PARAMETERS LC_ALL=C.UTF-8 TZ=UTC git -c tar.umask=0022 -c core.autocrlf=false -c core.eol=lf -c core.attributesFile=/dev/null \
        archive --format=tar --prefix="mws-gateway-$version/" "$commit" | env -u XZ_OPT -u XZ_DEFAULTS xz -9 -T1 --check=crc64 >"$output.partial"
    mv "$output.partial" "$output"
}

# The package of an archive's sources, built in a folder of its own; its list comes with it.
releasePackage() {
    local archive=$1 folder=$2
    rm -rf "$folder"
    mkdir -p "$folder"
    tar -xJf "$archive" -C "$folder" --strip-components=1
    (
        cd "$folder" || exit
        # Objects of other folders would be as good, but then nothing would be proved of this one.
        [[ -z ${MWS_WITHOUT_CCACHE:-} ]] || export CCACHE_DISABLE=1
        SOURCE_DATE_EPOCH=$(stat -c %Y CMakeLists.txt) ./dev package
    )
}

checkIsClean() {
    local changed
    changed=$(git status --porcelain --untracked-files=no)
    [[ -z $changed ]] || fail "release: commit first; what is released is a commit. Changed: ${changed//$'\n'/, }"
    python3 -B tests/release/release_texts.py
    say "$(git log -1 --format='%h %cI %s')"
}

writeSums() {
    (
        cd "$1" || exit
        rm -f SHA256SUMS
        sha256sum -- *mws-gateway* | tee SHA256SUMS
    )
}

# collectRelease FOLDER VERSION SOURCES
collectRelease() {
    cp "$3"/build/package/packages/*.deb "$3/build/package/packaging/mws-gateway.cdx.json" "$1/"
    mv "$1/mws-gateway.cdx.json" "$1/mws-gateway_$2.cdx.json"
    SOURCE_DATE_EPOCH=$(commitTime) tools/sbom.py source "$3" --version "$2" --output "$1/mws-gateway-$2.cdx.json"
    writeSums "$1"
}

devRelease() {
    local version folder sources=$PWD/build/release-sources twice=no
    case ${1:-} in
        "") ;;
        --twice) twice=yes ;;
        *) fail "release: unknown argument '$1' (see ./dev help)" ;;
    esac
    stage "packages" setUp build package
    version=$(projectVersion)
    folder=build/release-$version
    rm -rf "$folder"
    mkdir -p "$folder"
    stage "commit, version and changelog" checkIsClean
    stage "archive" makeArchive HEAD "$folder/mws-gateway-$version.tar.xz"
    stage "package" releasePackage "$folder/mws-gateway-$version.tar.xz" "$sources"
    stage "sums" collectRelease "$folder" "$version" "$sources"
    [[ $twice == no ]] || stage "once more, elsewhere" compareWithSecond "$folder" "$version"
    say "the release: $folder"
}

# All of it again in another folder, at another time, with another umask and locale, and compiled anew.
compareWithSecond() {
    local first=$1 version=$2 elsewhere
    elsewhere=$(mktemp -d)
    trap 'reportStage; rm -rf "'"$elsewhere"'"' EXIT
    mkdir "$elsewhere/another-folder" "$elsewhere/results"
    (
        umask 0077
        export LC_ALL=C TZ=Pacific/Auckland MWS_WITHOUT_CCACHE=1
        makeArchive HEAD "$elsewhere/results/mws-gateway-$version.tar.xz"
        releasePackage "$elsewhere/results/mws-gateway-$version.tar.xz" "$elsewhere/another-folder/sources"
        collectRelease "$elsewhere/results" "$version" "$elsewhere/another-folder/sources"
    )
    diff "$first/SHA256SUMS" "$elsewhere/results/SHA256SUMS" || fail "release: the second one differs"
    say "byte for byte the same: $(wc -l <"$first/SHA256SUMS") files"
}

devSbom() {
    (($# == 0)) || fail "sbom: takes no arguments"
    buildPreset release
    stage "sbom" tools/sbom.py executable build/release/mws-gateway --version "$(projectVersion)" --build-folder build/release \
        --output build/release/mws-gateway.cdx.json
    say "build/release/mws-gateway.cdx.json: $(grep -c '"bom-ref"' build/release/mws-gateway.cdx.json) components"
}
