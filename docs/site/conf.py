"""Sphinx's settings for the site of the course; tools/website.py gathers its pages."""

project = "Attention, from the question it answers"
html_title = "Attention"
extensions = ["myst_nb", "sphinx-mathjax-offline"]
exclude_patterns = ["README.md"]  # index.md includes it

nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "tools.website.slug"

html_theme = "furo"
html_static_path = ["course.css"]
html_css_files = ["course.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
