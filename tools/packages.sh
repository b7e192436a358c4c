# shellcheck shell=bash
# ./dev setup: the Debian packages of tools/packages/*.txt, and only those that are missing. Those of *.unpack.txt are
# programs whose package would start a service: they are unpacked into a folder and not installed.

# Where the programs of unpacked packages are: $unpacked/PACKAGE/usr/bin.
readonly unpacked=${MWS_UNPACKED:-${XDG_CACHE_HOME:-$HOME/.cache}/mws-gateway/unpacked}

debianRelease() { (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}"); }

# listPackages PURPOSE... : "package why" of each line that is meant for this release.
listPackages() {
    local purpose release
    release=$(debianRelease)
    for purpose in "$@"; do
        awk -v release="$release" -v purpose="$purpose" '
            /^#/ || NF < 2 { next }
            $2 == "any" || $2 == release { name = $1; $1 = $2 = ""; sub(/^ +/, ""); print name, purpose ": " $0 }
        ' "tools/packages/$purpose.txt"
    done
}

# A Node.js from elsewhere stays: Debian's npm conflicts with it.
isThere() {
    case $1 in
        nodejs) command -v node >/dev/null && return ;;
        npm) command -v npm >/dev/null && return ;;
    esac
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# setUp PURPOSE... : installs what is missing, saying what and why before it does.
setUp() {
    local package why
    local -a missing=()
    for package in "$@"; do
        [[ -f tools/packages/$package.txt ]] || fail "no package list named '$package' (see tools/packages)"
    done
    command -v dpkg-query >/dev/null || fail "needs Debian 12 or 13 (dpkg and apt are not here); install by hand what tools/packages/*.txt lists"
    while read -r package why; do
        isThere "$package" && continue
        [[ " ${missing[*]} " == *" $package "* ]] && continue
        missing+=("$package")
        ((${#missing[@]} > 1)) || say "missing Debian packages:"
        printf '      %-32s %s\n' "$package" "$why"
    done <<<"$(listPackages "$@")"
    if ((${#missing[@]} == 0)); then
        say "every package for '$*' is there"
    else
        installPackages "${missing[@]}"
    fi
    unpackPackages "$@"
}

# unpackPackages PURPOSE... : those of PURPOSE.unpack.txt that are not there yet.
unpackPackages() {
    local purpose package why
    for purpose in "$@"; do
        [[ -f tools/packages/$purpose.unpack.txt ]] || continue
        while read -r package why; do
            [[ -d $unpacked/$package ]] || unpackPackage "$package" "$why"
        done <<<"$(listPackages "$purpose.unpack")"
    done
}

# unpackPackage PACKAGE WHY : whole or not at all.
unpackPackage() {
    local package=$1 why=$2 folder
    say "unpacking $package into $unpacked ($why)"
    mkdir -p "$unpacked"
    folder=$(mktemp -d "$unpacked/.$package.XXXXXX")
    # apt's own user, which may not write here, is not asked to.
    (cd "$folder" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$package" </dev/null) ||
        { rm -rf "$folder"; fail "cannot download $package; try apt-get update"; }
    mkdir "$folder/tree"
    dpkg-deb -x "$folder"/*.deb "$folder/tree"
    rm -rf "${unpacked:?}/$package"
    mv "$folder/tree" "$unpacked/$package"
    rm -rf "$folder"
}

installPackages() {
    local -a root=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            printf '%s\n' "./dev: root is needed to install these packages, and there is no sudo. As root, run:" \
                "  apt-get update && apt-get install --no-install-recommends $*" >&2
            exit 1
        fi
        root=(sudo)
    fi
    say "installing them now: ${root[*]:+sudo }apt-get install --no-install-recommends"
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update </dev/null
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 \
        install --no-install-recommends "$@" </dev/null
}
