# shellcheck shell=bash
# ./dev package: the Debian package, build/package/packages/mws-gateway_VERSION_ARCHITECTURE.deb.

# The time that goes into what is made of this commit. Set from outside it stays.
commitTime() {
    if [[ -n ${SOURCE_DATE_EPOCH:-} ]]; then
        printf '%s\n' "$SOURCE_DATE_EPOCH"
    else
        git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt # an archive's files have the commit's time
    fi
}

makePackage() {
    local package
    rm -rf build/package/packages
    (cd build/package && cpack --config CPackConfig.cmake >cpack.log 2>&1) || {
        cat build/package/cpack.log >&2
        fail "cpack failed; what it said stands above"
    }
    package=$(builtPackage)
    say "$package: $(($(stat -c %s "$package") / 1024)) KiB, sha256 $(sha256sum "$package" | cut -d' ' -f1)"
}

builtPackage() { printf '%s\n' build/package/packages/*.deb; }

# Debian's own checks; what is accepted, and why, is in packaging/debian/lintian-overrides. lintian does not want to be root.
checkPackage() {
    local status=0 folder
    local -a as=()
    folder=$(mktemp -d)
    cp "$1" "$folder/"
    chmod -R a+rX "$folder"
    ((EUID != 0)) || as=(setpriv --reuid nobody --regid nogroup --clear-groups)
    # From there: this folder may be closed to nobody.
    (cd "$folder" && "${as[@]}" lintian --fail-on error,warning --tag-display-limit 0 ./*.deb) || status=$?
    rm -rf "$folder"
    ((status == 0)) || fail "package: lintian finds faults"
    say "lintian finds nothing"
}

buildPackage() {
    local time
    time=$(commitTime)
    export SOURCE_DATE_EPOCH=$time
    # With CCACHE_BASEDIR ccache gives the compiler paths from the build folder, which -ffile-prefix-map does not know; they get into the
    # executable by __FILE__ in OpenSSL's macros.
    unset CCACHE_BASEDIR CCACHE_NOHASHDIR
    stage "configure (package)" configure package
    stage "build (package)" compile package
    stage "cpack" makePackage
}

# The root that the package is tried in: minimal, with systemd. It is copied for each test.
packageRoot() {
    local root=$1 base
    base=${MWS_ROOTS:-$HOME/.cache/mws-gateway/roots}/$(debianRelease)-systemd
    makeRoot "$(debianRelease)" "$base" --include=systemd,systemd-sysv,curl,iproute2,ca-certificates
    asRoot rm -rf --one-file-system "$root"
    asRoot cp -a --reflink=auto "$base" "$root"
    copyNetworkSettings "$root"
    say "$root: a copy of $base"
}

testPackage() {
    asRoot env MWS_PACKAGE="$PWD/$(builtPackage)" MWS_PACKAGE_ROOT="$1" /usr/bin/python3 -B tests/package/package_test.py -v
}

devPackage() {
    local try=no
    while (($#)); do
        case $1 in
            --test) try=yes ;;
            *) fail "package: unknown argument '$1' (see ./dev help)" ;;
        esac
        shift
    done
    stage "packages" setUp build package
    buildPackage
    stage "lintian" checkPackage "$(builtPackage)"
    [[ $try == yes ]] || return 0
    throwaway_root=${MWS_ROOTS:-$HOME/.cache/mws-gateway/roots}/package-$$
    trap removeThrowawayRoot EXIT
    stage "Debian root" packageRoot "$throwaway_root"
    stage "install, run, upgrade, remove" testPackage "$throwaway_root"
}
