# shellcheck shell=bash
# ./dev run: the gateway in the foreground, after a word on what to try.

# serverSetting KEY ARGUMENT... : a key of [server] as --print-config shows it; nothing where it cannot be told.
serverSetting() {
    local key=$1
    shift
    build/release/mws-gateway "$@" --print-config 2>/dev/null |
        awk -v key="server.$key" '$1 == key && $2 == "=" { gsub(/"/, "", $3); print $3; exit }' || true
}

# The address that a client on this machine uses.
gatewayAddress() {
    local host port
    host=$(serverSetting address "$@")
    port=$(serverSetting port "$@")
    port=${port:-${PORT:-${MWS_SERVER_PORT:-8080}}}
    case ${host:-127.0.0.1} in
        "" | 0.0.0.0 | :: | "*") host=127.0.0.1 ;;
        *:*) host="[$host]" ;;
    esac
    printf 'http://%s:%s\n' "${host:-127.0.0.1}" "$port"
}

printWhatToTry() {
    local base=$1 header="" token="" access=${ACCESS_CONTROL:-none}
    if [[ $base == *:0 ]]; then
        printf '\nThe gateway starts on a port that the system picks: see its log.\n\n'
        return
    fi
    # The shell that these lines are pasted into expands the token: it is not shown here.
    # shellcheck disable=SC2016
    [[ $access == none ]] || { header=' -H "Authorization: Bearer $SECURITY_TOKEN"' token='SECURITY_TOKEN="$SECURITY_TOKEN" '; }
    cat <<TEXT

The gateway starts on $base. In a second terminal, a client that waits for messages:

  $token$(printf %q "$PWD")/build/release/mws-gateway listen --url $base

and in a third one, a message to every open socket:

  curl$header -d '{"data": "Hello", "receivers": {"sockets": ["*"]}}' $base/v1/messages

Ctrl+C ends the gateway.

TEXT
}

devRun() {
    stage "packages" setUp build run
    stage "configure (release)" configure release -DMWS_BUILD_TESTS=OFF
    stage "build (release)" compile release
    [[ -x build/release/mws-gateway ]] || fail "the build made no build/release/mws-gateway"
    printWhatToTry "$(gatewayAddress "$@")"
    exec build/release/mws-gateway "$@"
}
