# shellcheck shell=bash
# ./dev deploy: every way to deploy, tried for real on this machine; docs/deploy.md has what it printed.

deploy_ways=(push buildpack image compose proxies)
# A minimal Debian, the layers of images and the buildpack's cache stay here for the next time.
deploy_cache=${XDG_CACHE_HOME:-$HOME/.cache}/mws-gateway/deploy

# debianTarball : makes it where it is missing, as small as the image debian:bookworm-slim, which is made alike.
debianTarball() {
    local tarball=$deploy_cache/bookworm-slim.tar mirror=${MWS_DEBIAN_MIRROR:-http://deb.debian.org/debian}
    local security=${MWS_DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security} path
    local -a options=()
    if [[ -f $tarball ]]; then
        say "using $tarball"
        return
    fi
    for path in doc man info locale lintian groff; do options+=(--dpkgopt="path-exclude=/usr/share/$path/*"); done
    options+=(--dpkgopt='path-include=/usr/share/doc/*/copyright' --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr)
    say "mmdebstrap --variant=minbase bookworm into $tarball"
    mkdir -p "$deploy_cache"
    asRoot mmdebstrap --quiet --variant=minbase "${options[@]}" bookworm "$tarball.partial.tar" "deb $mirror bookworm main" \
        "deb $mirror bookworm-updates main" "deb $security bookworm-security main" </dev/null ||
        fail "mmdebstrap failed; what it said stands above"
    mv "$tarball.partial.tar" "$tarball"
}

# deploymentTest FILE [NAME...] : with the release build.
deploymentTest() {
    local file=$1
    shift
    # shellcheck disable=SC2154 # of tools/packages.sh
    asRoot env PYTHONDONTWRITEBYTECODE=1 MWS_GATEWAY_EXECUTABLE="${MWS_GATEWAY_EXECUTABLE:-$PWD/build/release/mws-gateway}" \
        MWS_HAPROXY=/usr/sbin/haproxy MWS_NGINX="$unpacked/nginx/usr/sbin/nginx" MWS_CADDY="$unpacked/caddy/usr/bin/caddy" \
        CCACHE_DIR="${CCACHE_DIR:-$HOME/.cache/ccache}" \
        MWS_DEPLOY_REPOSITORY="${deploy_repository:-}" MWS_STACK="${deploy_stack:-}" MWS_BUILDPACK_CACHE="$deploy_cache/buildpack" \
        MWS_IMAGE_ROOT="${deploy_image_root:-}" MWS_IMAGE_INSPECT="${deploy_image_inspect:-}" \
        /usr/bin/python3 "tests/deployment/$file" -v "$@" </dev/null
}

sayWhatIsDeployed() {
    say "commit $(git log -1 --format='%h %s')"
    [[ -z $(git status --porcelain) ]] || say "what is not committed is left out"
}

deployPush() {
    sayWhatIsDeployed
    deploy_repository=$PWD deploymentTest push_test.py Push.test_second_push_in_place Push.test_second_push_with_overlap_behind_a_balancer
}

deployBuildpack() {
    debianTarball
    sayWhatIsDeployed
    deploy_stack=$deploy_cache/bookworm-slim.tar deploymentTest buildpack_test.py
}

# vfs needs nothing of the kernel, but each layer is a whole copy: so one for each stage, and none is kept in between.
ourBuildah() { asRoot buildah --storage-driver vfs --root "$deploy_cache/storage" --runroot "$deploy_cache/run" "$@"; }

importBaseImage() {
    local container name=docker.io/library/debian:bookworm-slim
    if ourBuildah inspect --type image "$name" >/dev/null 2>&1; then
        say "$name is there"
        return
    fi
    container=$(ourBuildah from scratch)
    ourBuildah add -q "$container" "$deploy_cache/bookworm-slim.tar" / >/dev/null
    ourBuildah config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    ourBuildah commit -q --rm "$container" "$name"
}

buildImage() {
    local -a volumes=()
    # Objects of other builds of the same sources, where there are any.
    [[ ! -d ${CCACHE_DIR:-$HOME/.cache/ccache} ]] || volumes=(--volume "${CCACHE_DIR:-$HOME/.cache/ccache}:/root/.cache/ccache")
    ourBuildah bud --isolation chroot --format docker --pull-never --layers=false "${volumes[@]}" \
        --build-arg VERSION="$(git describe --always --tags --dirty)" --build-arg REVISION="$(git rev-parse HEAD)" \
        -f docker/Dockerfile -t mws-gateway . </dev/null
}

tryImage() {
    local container
    container=$(ourBuildah from --pull-never localhost/mws-gateway)
    deploy_image_root=$(ourBuildah mount "$container")
    deploy_image_inspect=$(ourBuildah inspect --type image localhost/mws-gateway)
    say "the image: $(ourBuildah images --format '{{.Size}}' localhost/mws-gateway), of which its base $(ourBuildah images --format '{{.Size}}' docker.io/library/debian)"
    local status=0
    deploymentTest image_test.py || status=$?
    ourBuildah umount "$container" >/dev/null
    ourBuildah rm "$container" >/dev/null
    return "$status"
}

deployImage() {
    debianTarball
    importBaseImage
    buildImage
    tryImage
}

deployCompose() {
    local said
    said=$(SECURITY_TOKEN=a REDIS_PASSWORD=b docker-compose -f docker/compose.yml config) || fail "docker-compose does not take docker/compose.yml"
    say "docker-compose config: good, with the services $(SECURITY_TOKEN=a REDIS_PASSWORD=b docker-compose -f docker/compose.yml config --services | sort | xargs)"
    grep -q 'image: mws-gateway' <<<"$said" || fail "docker/compose.yml does not use the image mws-gateway"
    if docker-compose -f docker/compose.yml config >/dev/null 2>&1; then fail "docker/compose.yml needs no secret"; fi
    deploymentTest deployment_test.py Compose HaproxyConfiguration
}

deployProxies() { deploymentTest proxy_test.py; }

devDeploy() {
    local way
    for way in "$@"; do
        [[ " ${deploy_ways[*]} " == *" $way "* ]] || fail "deploy: no way '$way'; there are ${deploy_ways[*]}"
    done
    (($#)) || set -- "${deploy_ways[@]}"
    stage "packages" setUp build test deploy
    stage "configure (release)" configure release -DMWS_BUILD_TESTS=OFF
    stage "build (release)" compile release mws-gateway
    for way in "$@"; do
        stage "deploy $way" "deploy${way^}"
    done
}
