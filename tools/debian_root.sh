# shellcheck shell=bash
# ./dev test --debian: the tests in a Debian root made with debootstrap, under ${MWS_ROOTS:-~/.cache/mws-gateway/roots}.

codenameOf() {
    case $1 in
        12 | bookworm) echo bookworm ;;
        13 | trixie) echo trixie ;;
        *) fail "test --debian: knows 12 (bookworm) and 13 (trixie), not '$1'" ;;
    esac
}

# asRoot COMMAND...
asRoot() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -E "$@"
    else
        fail "needs root for chroot; run it as root, or install sudo"
    fi
}

# makeRoot CODENAME PATH [OPTION...] : complete, or not there at all; the options are debootstrap's.
makeRoot() {
    local codename=$1 root=$2
    shift 2
    if [[ -d $root ]]; then
        say "using $root"
        return
    fi
    say "debootstrap --variant=minbase $* $codename into $root"
    asRoot mkdir -p "${root%/*}"
    asRoot rm -rf "$root.partial"
    asRoot debootstrap --variant=minbase "$@" "$codename" "$root.partial" \
        "${MWS_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"/tmp/debootstrap-$codename.$$.txt" 2>&1 </dev/null || {
        tail -n 20 "/tmp/debootstrap-$codename.$$.txt" >&2
        fail "debootstrap failed; what it said stands above"
    }
    rm -f "/tmp/debootstrap-$codename.$$.txt"
    asRoot mv "$root.partial" "$root"
}

# The names that resolve and the authorities that are trusted on this machine, so that npm reaches its registry from
# inside as it does from outside.
copyNetworkSettings() {
    local root=$1 file
    for file in /etc/resolv.conf /etc/hosts; do
        [[ ! -f $file ]] || asRoot cp -L "$file" "$root$file"
    done
    asRoot mkdir -p "$root/usr/local/share/ca-certificates"
    for file in /usr/local/share/ca-certificates/*.crt; do
        [[ ! -f $file ]] || asRoot cp -L "$file" "$root/usr/local/share/ca-certificates/"
    done
}

# The working tree as git sees it, without what was built from it; what was built inside the root stays there. A file that
# differs gets the time of now, whatever its own: an object that was made of what it was before is older then.
copySources() {
    local tree=$1/src/mws-gateway fresh=$1/src/mws-gateway.fresh
    asRoot rm -rf "$fresh"
    asRoot mkdir -p "$tree" "$fresh"
    treeFiles | tar --verbatim-files-from -T - -c | asRoot tar -x --no-same-owner -C "$fresh"
    asRoot rsync --recursive --links --perms --checksum --delete --exclude=/build "$fresh/" "$tree/"
    asRoot rm -rf "$fresh"
    say "$(asRoot find "$tree" -path "$tree/build" -prune -o -type f -print | wc -l) files in $tree"
}

prepareRoot() {
    makeRoot "$1" "$2"
    copyNetworkSettings "$2"
    copySources "$2"
}

# insideRoot ROOT SCRIPT ARGUMENT... : runs a script of the tree there. It has mounts and processes of its own
# (unshare), so that none is left behind however this ends. With MWS_ROOT_CCACHE, that folder is the root's ccache: what is
# compiled alike there (the same Debian) is found, and only the rest takes its time.
insideRoot() {
    local root=$1
    shift
    # shellcheck disable=SC2016
    asRoot env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        TERM="${TERM:-dumb}" ${CI:+CI="$CI"} \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
        ${MWS_ROOT_CCACHE:+MWS_ROOT_CCACHE="$MWS_ROOT_CCACHE"} \
        unshare --mount --pid --fork --kill-child --propagation private bash -euc '
            root=$1
            shift
            mount -t proc proc "$root/proc"
            mount --rbind /sys "$root/sys"
            mount --rbind /dev "$root/dev"
            if [[ -n ${MWS_ROOT_CCACHE:-} ]]; then
                mkdir -p "$root/root/.cache/ccache"
                mount --bind "$MWS_ROOT_CCACHE" "$root/root/.cache/ccache"
                unset MWS_ROOT_CCACHE
            fi
            exec chroot "$root" /src/mws-gateway/tools/inside_root.sh "$@"
        ' insideRoot "$root" "$@" </dev/null
}

# The folder of a root that was made for one run.
throwaway_root=""
removeThrowawayRoot() {
    reportStage
    [[ -z $throwaway_root ]] || asRoot rm -rf --one-file-system "$throwaway_root" "$throwaway_root.partial"
}

# testInDebianRoot RELEASE reuse|fresh PRESET FILTER
testInDebianRoot() {
    local codename root fresh=$2
    codename=$(codenameOf "$1")
    root=${MWS_ROOTS:-$HOME/.cache/mws-gateway/roots}/$codename
    local -a arguments=(test --preset "$3")
    [[ -z $4 ]] || arguments+=(--filter "$4")
    if [[ $fresh == fresh ]]; then
        root=$root-fresh-$$
        throwaway_root=$root
        trap removeThrowawayRoot EXIT
        # Exactly what a new user types.
        [[ $3 != dev || -n $4 ]] || arguments=(test)
    fi
    stage "packages" setUp root
    stage "Debian root ($codename)" prepareRoot "$codename" "$root"
    stage "./dev ${arguments[*]} ($codename)" insideRoot "$root" dev "${arguments[@]}"
    [[ $fresh == reuse ]] || stage "./dev run ($codename)" insideRoot "$root" tryRun
}
