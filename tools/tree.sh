# shellcheck shell=bash
# The working tree as git sees it.

# treeFiles [PATHSPEC...] : files that are there and not ignored, one per line.
treeFiles() {
    local file
    git -c core.quotePath=false ls-files -co --exclude-standard -- "$@" | while IFS= read -r file; do
        [[ ! -e $file && ! -L $file ]] || printf '%s\n' "$file"
    done
}
