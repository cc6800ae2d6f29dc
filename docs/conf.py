"""The site made from these pages by `make docs`: Sphinx, strict, with nothing fetched from outside."""

from importlib.metadata import version as version_of

project = "Hookswitch"
copyright = "the Hookswitch authors; Apache-2.0"  # noqa: A001  Sphinx's name
version = release = version_of("hookswitch")

extensions = ["myst_parser", "sphinx_copybutton"]
nitpicky = True
source_suffix = {".md": "markdown"}
exclude_patterns = ["events.schema.json"]

myst_enable_extensions = ["tasklist"]
myst_heading_anchors = 4
myst_all_links_external = False

html_theme = "furo"
html_title = f"Hookswitch {release}"
html_static_path = ["images/site"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
copybutton_exclude = ".linenos, .gp"
