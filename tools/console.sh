# shellcheck shell=bash
# ./dev console: the tests of the console alone, and its pictures.

runConsoleTests() {
    ctest --test-dir build/dev --output-on-failure --no-tests=error -R '^console_|^test_console|Console\.' -LE 'clustered|served' </dev/null
}

# takeConsolePictures : what docs/console.md shows; the views are waited for until they have something to show.
takeConsolePictures() {
    local pages
    ctest --test-dir build/dev -R '^console_packages$' --no-tests=error </dev/null
    pages=$(mktemp -d)
    MWS_SCREENSHOTS=$pages NODE_PATH=$PWD/build/dev/tests/console/node/node_modules \
        MWS_GATEWAY_EXECUTABLE=$PWD/build/dev/mws-gateway \
        node --test --test-name-pattern='^all views' tests/console/browser/everyone.test.mjs </dev/null
    mkdir -p docs/screenshots
    cp "$pages"/console-{overview,live,sockets,test,configuration}-{desktop,phone}-{light,dark}.png docs/screenshots/
    rm -r "$pages"
    say "pictures are in docs/screenshots"
}

devConsole() {
    local pictures=""
    while (($#)); do
        case $1 in
            --screenshots) pictures=1 ;;
            *) fail "console: unknown argument '$1' (see ./dev help)" ;;
        esac
        shift
    done
    buildPreset dev
    if [[ $pictures ]]; then
        stage "pictures" takeConsolePictures
    else
        stage "tests of the console" runConsoleTests
    fi
}
