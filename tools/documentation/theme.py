"""Debian's package of the theme furo (2022.12.07) leaves out what furo's own build puts together: normalize.css is imported from a web
server's /javascript, furo.js is a module that is loaded as a script, and the dark colours come only when asked for by hand.
Each is put right here where it is so; a whole theme is left as it is."""
import pathlib
import re

JAVASCRIPT = pathlib.Path("/usr/share/javascript")
IMPORTED_STYLE = re.compile(r"@import url\(/javascript/([^)]+)\);")
IMPORTED_SCRIPT = re.compile(r"""^import \w+ from ["']\./([\w.-]+)["'];$""", re.MULTILINE)
DARK = re.compile(r'body\[data-theme="dark"\] \{(?P<colours>\s*--color[^}]*)\}')


def mend(site):
    style = site / "_static/styles/furo.css"
    text = style.read_text(encoding="utf-8")
    text = IMPORTED_STYLE.sub(lambda found: (JAVASCRIPT / found[1]).read_text(encoding="utf-8"), text)
    dark = DARK.search(text)
    if dark and "prefers-color-scheme" not in text:
        text += f'\n@media (prefers-color-scheme: dark) {{ body:not([data-theme="light"]) {{{dark["colours"]}}} }}\n'
    style.write_text(text, encoding="utf-8")

    script = site / "_static/scripts/furo.js"
    text = script.read_text(encoding="utf-8")
    # What is imported puts its name into the window.
    parts = [(script.parent / name).read_text(encoding="utf-8") for name in IMPORTED_SCRIPT.findall(text)]
    if parts:
        script.write_text("\n".join([*parts, IMPORTED_SCRIPT.sub("", text)]), encoding="utf-8")
