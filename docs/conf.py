"""How the site is built: ``python -m sphinx -W -b html docs site`` from the folder of the repository.

Pages in `tutorials` and `gallery` are notebooks written as text (MyST): their cells run while the site is built, each
page in an empty folder, and a cell that fails stops the build. The Python blocks of all other pages are run by pytest.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
EXAMPLES = ROOT / "examples"
sys.path.insert(0, str(DOCS / "_tools"))

project = "livermore"
author = "the authors of livermore"
project_copyright = "the authors of livermore, MIT licence"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "myst_nb",
    "root_pages",
    "docstrings",
    "api_pages",
    "check_site",
]
exclude_patterns = ["_tools", "reference/api/groups.md"]
default_role = "name"
highlight_language = "none"

# Every reference must resolve, but for base classes in signatures, which may be of other packages.
nitpicky = True
nitpick_ignore_regex = [("py:(class|exc)", ".*")]

# Docstrings
add_module_names = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autosummary_generate = False
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_preprocess_types = False

# Pages
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 300
nb_merge_streams = True


def _cache_for_these_sources() -> Path:
    """Return a folder for outputs of cells that belongs to the package as it is now, and delete those of others."""
    sources = hashlib.sha256()
    for path in sorted((*(ROOT / "src").rglob("*"), *EXAMPLES.rglob("*.py"))):
        if path.suffix in (".py", ".pxd", ".toml", ".jinja", ".js", ".gz"):
            sources.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    folder = ROOT / "build" / "site-cache"
    kept = folder / sources.hexdigest()[:16]
    for other in folder.glob("*"):
        if other != kept:
            shutil.rmtree(other)
    return kept


nb_execution_cache_path = str(_cache_for_these_sources())

# Each page has a ledger and a record of trusted models of its own, in the folder in which it runs: what another page,
# or the user, has evaluated does not count against it.
os.environ["LIVERMORE_STATE_DIR"] = "state"
os.environ.pop("LIVERMORE_LEDGER", None)
os.environ["LIVERMORE_NO_PROGRESS"] = "1"
# Pages of the gallery import its module.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(EXAMPLES / "gallery"), os.environ.get("PYTHONPATH"))))

# Looks
html_theme = "pydata_sphinx_theme"
html_title = "livermore"
html_static_path = ["_static"]
html_css_files = ["livermore.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "header_links_before_dropdown": 7,
    "navbar_persistent": ["search-button"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
