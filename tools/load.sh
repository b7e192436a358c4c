# shellcheck shell=bash
# ./dev integrity, ./dev soak: counting clients of the dev build against the gateway of the release build.

# loadTest TEST NAME=VALUE... : with these variables.
loadTest() {
    local program=$1
    shift
    env MWS_GATEWAY_EXECUTABLE="$PWD/build/release/mws-gateway" "$@" "build/dev/$program" --gtest_brief=1 </dev/null
}

# buildLoadTest TEST
buildLoadTest() {
    buildPreset release
    stage "packages" setUp build test
    stage "configure (dev)" configure dev -DMWS_BUILD_TESTS=ON
    stage "build ($1)" ninja -C build/dev -j "$(jobs)" "$1"
}

devIntegrity() {
    local messages=${1:-1000000}
    [[ $messages =~ ^[0-9]+$ ]] || fail "integrity: '$messages' is not a number of messages"
    buildLoadTest test_integrity
    stage "integrity, $messages messages" loadTest test_integrity "MWS_INTEGRITY_MESSAGES=$messages"
}

devSoak() {
    local seconds=${1:-600}
    [[ $seconds =~ ^[0-9]+$ ]] || fail "soak: '$seconds' is not a number of seconds"
    buildLoadTest test_soak
    stage "soak, $seconds s" loadTest test_soak "MWS_SOAK_SECONDS=$seconds"
}
