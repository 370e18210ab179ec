"""Configuration of the documentation site for Sphinx. Nothing is fetched: the theme brings its scripts and styles,
fonts are the reader's own.
"""

project = "selfaudit"
author = "the selfaudit project"
extensions = ["myst_parser"]
# GitHub reads the same pages: tables, fences and links of CommonMark; headings get the anchors GitHub gives them.
myst_enable_extensions = ["smartquotes"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
html_theme = "furo"
html_title = "selfaudit"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"footer_icons": []}
# No clock and no sources in the output: the same pages give the same site.
html_last_updated_fmt = None
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
nitpicky = True
