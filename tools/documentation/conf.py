# Sphinx's settings for the site that `./dev docs` builds; tools/documentation/site.py makes the folder that it reads.
import os

project = "MWS Gateway"
author = "the authors of MWS Gateway"
version = release = os.environ.get("MWS_DOCS_VERSION", "")
extensions = ["myst_parser", "sphinx_copybutton"]
root_doc = "index"
source_suffix = {".md": "markdown"}
myst_heading_anchors = 6
myst_linkify_fuzzy_links = False
# Answers have … in them, and headings may begin below the first level.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]
html_theme = "furo"
html_title = "MWS Gateway"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_show_search_summary = False  # would be fetched, which file:// does not allow
html_copy_source = False
html_show_copyright = False
pygments_style = "default"
pygments_dark_style = "monokai"
copybutton_exclude = ".linenos, .gp"
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
copybutton_line_continuation_character = "\\"
