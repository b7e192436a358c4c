# shellcheck shell=bash
# What every part of ./dev prints: stages with their seconds, notes, errors.

stage_name=""
stage_began=0

say() { printf '    %s\n' "$*"; }

fail() {
    printf '%s: %s\n' "./dev" "$*" >&2
    exit 1
}

# stage NAME COMMAND... : runs it, prints its seconds; a failure ends ./dev with the command's status.
stage() {
    stage_name=$1
    stage_began=$SECONDS
    shift
    printf '\n==> %s\n' "$stage_name"
    "$@"
    printf '<== %s: ok, %d s\n' "$stage_name" $((SECONDS - stage_began))
    stage_name=""
}

# The EXIT trap of ./dev: names the stage that did not end well.
reportStage() {
    local status=$?
    if [[ -n $stage_name && $status -ne 0 ]]; then
        printf '<== %s: FAILED (status %d), %d s\n' "$stage_name" "$status" $((SECONDS - stage_began)) >&2
    fi
}
