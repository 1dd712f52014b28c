"""What docstrings of livermore mean in the reference: bars around a magnitude, and names in single backticks."""

import re
from typing import Any

from docutils import nodes
from public_names import public_names
from sphinx import addnodes

__all__ = ["setup", "with_bars_escaped"]

_CODE = re.compile(r"(``.*?``|`.*?`)")
_SECTION = re.compile(r"^-{3,}\s*$")


def with_bars_escaped(lines: list[str]) -> list[str]:
    """Escape bars in prose: ``|x|`` is the magnitude of x here, and a substitution to docutils."""
    escaped, in_example = [], False
    for position, line in enumerate(lines):
        following = lines[position + 1] if position + 1 < len(lines) else ""
        if _SECTION.match(following):
            in_example = line.strip() == "Examples"
        escaped.append(line if in_example else _with_bars_escaped(line))
    return escaped


def _with_bars_escaped(line: str) -> str:
    return "".join(part if part.startswith("`") else part.replace("|", r"\|") for part in _CODE.split(line))


class PublicLinks:
    """Finds the public name that a word in backticks means."""

    def __init__(self) -> None:
        self.addresses: dict[str, str] = {}
        self.short: dict[str, set[str]] = {}
        for found in public_names():
            self.addresses[f"{found.module}.{found.name}"] = found.address
            self.short.setdefault(found.name, set()).add(found.address)

    def find(self, word: str, module: str) -> str | None:
        """Return the address that a word means in the docstrings of a module, or None.

        A lower-case word alone, such as ``source``, is a link in its own module only: elsewhere it names an argument.
        """
        if word in self.addresses:
            return self.addresses[word]
        if f"{module}.{word}" in self.addresses:
            return self.addresses[f"{module}.{word}"]
        meant = self.short.get(word, set())
        return next(iter(meant)) if len(meant) == 1 and ("_" in word or not word.islower()) else None


def _role(links: PublicLinks) -> Any:
    def name(role: str, rawtext: str, text: str, lineno: int, inliner: Any, *_: Any) -> tuple[list[Any], list[Any]]:
        env = inliner.document.settings.env
        code = nodes.literal(rawtext, text, classes=["xref"])
        address = links.find(text, env.ref_context.get("py:module", ""))
        if address is None:
            return [nodes.literal(rawtext, text)], []
        reference = addnodes.pending_xref(
            rawtext, code, refdomain="py", reftype="obj", reftarget=address, refdoc=env.docname, refwarn=True
        )
        return [reference], []

    return name


def _process(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    lines[:] = with_bars_escaped(lines)


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_role("name", _role(PublicLinks()))
    # Before napoleon, which turns the underlined headings of sections into something else.
    app.connect("autodoc-process-docstring", _process, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
