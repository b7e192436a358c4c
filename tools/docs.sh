# shellcheck shell=bash
# ./dev docs: the documentation as a site, in build/site; --write-tables: the pages that are made from the code's tables.

# withoutNetwork COMMAND... : in a network namespace of its own, where nothing can be reached; as it is where the system
# allows none.
withoutNetwork() {
    if unshare -rn true 2>/dev/null; then
        unshare -rn "$@"
    else
        say "no network namespaces here: the network is not taken away"
        "$@"
    fi
}

# With Debian's own Python, which has Debian's Sphinx.
buildSite() {
    export MWS_DOCS_VERSION
    MWS_DOCS_VERSION=$(sed -nE 's/^project\(.*VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
    withoutNetwork /usr/bin/python3 -B tools/documentation/site.py
}

checkSite() {
    local browser
    browser=$(command -v chromium || command -v chromium-browser) || fail "docs: no chromium"
    MWS_CHROMIUM=$browser withoutNetwork /usr/bin/python3 -B tests/documentation/site_test.py
    say "pictures are in build/site-pictures"
}

# writeTables PROGRAM : each page that the program can print.
writeTables() {
    local program=$1 list name file
    list=$("$program" --print-table list)
    while read -r name file; do
        mkdir -p "${file%/*}"
        "$program" --print-table "$name" >"$file.new"
        mv "$file.new" "$file"
        say "$file"
    done <<<"$list"
    "$program" --print-options-markdown >docs/configuration.md
    "$program" --print-options-toml >config/gateway.toml
    say "docs/configuration.md, config/gateway.toml"
}

devDocs() {
    case ${1:-} in
        "")
            stage "packages" setUp docs
            stage "documents" checkDocuments
            stage "site" buildSite
            stage "site in Chromium" checkSite
            say "open build/site/index.html"
            ;;
        --write-tables)
            buildPreset release
            stage "tables" writeTables build/release/mws-gateway
            ;;
        *) fail "docs: unknown argument '$1' (see ./dev help)" ;;
    esac
}
