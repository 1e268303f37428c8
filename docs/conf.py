"""How ``make docs`` builds these pages into a site."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from pygments.lexers.special import TextLexer
from sphinx.search.en import SearchEnglish

import hongbao

if TYPE_CHECKING:
    from docutils import nodes
    from docutils.nodes import TextElement
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its plugins when imported

project = "hongbao"
project_copyright = "the authors of hongbao"
version = release = hongbao.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
myst_heading_slug_func = "github"  # code forges' rule: the pages are read there too
nitpicky = True  # a name that is referred to and not there is an error
nitpick_ignore_regex = [
    # What our signatures name and is nobody's to call, and what stands in other projects' manuals.
    (r"py:.*", r"(?!hongbao\.[A-Za-z]+$).*"),
]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = True
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"hongbao {release}"
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sourcelink = False

_RUNS = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")


class EnglishAndChinese(SearchEnglish):
    """Words of English, and pairs of Chinese characters, where no blank says what a word is.

    What Sphinx has for Chinese wants a dictionary of words, and finds no word that is not in it.
    """

    lang = "en-zh"
    js_splitter_code = r"""
    function splitQuery(query) {
      return (query.match(
        /[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{Letter}\p{Number}_])+/gu
      ) || []).flatMap((run) => run >= "\u3400" && run.length > 2
        ? Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2)) : [run]);
    }
    """

    def split(self, text: str) -> list[str]:
        """The words of a text."""
        return [word for run in _RUNS.findall(text) for word in self._words(run)]

    @staticmethod
    def _words(run: str) -> list[str]:
        if run < "\u3400" or len(run) == 1:
            return [run]
        return [run[at : at + 2] for at in range(len(run) - 1)]


html_search_language = EnglishAndChinese.lang


def public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: TextElement
) -> nodes.reference | None:
    """A signature names a class by the module that it lives in; users know it by ``hongbao``."""
    name = node["reftarget"].rpartition(".")[2]
    if name not in hongbao.__all__:
        return None
    # Any kind of object: a signature does not know that an alias of types is data.
    found = env.domains.python_domain.resolve_any_xref(
        env, node["refdoc"], app.builder, f"hongbao.{name}", node, shown
    )
    return found[0][1] if found else None


def speak_chinese(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """A browser chooses its letters by the language that a page says it is in."""
    if page.startswith("zh/"):
        context["language"] = "zh-CN"


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_search_language(EnglishAndChinese)
    app.add_lexer("csv", TextLexer)  # Pygments knows none
    app.connect("missing-reference", public_name)
    app.connect("html-page-context", speak_chinese)
    return {"parallel_read_safe": True}
