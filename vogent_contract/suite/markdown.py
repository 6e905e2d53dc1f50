"""Text for GitHub's Markdown that shows as it is, whatever is in it."""

from __future__ import annotations

import re

# What Markdown or HTML may take for its own; a colon and a dot only in what may become a link.
MARKUP = re.compile(r"[\\`*_<>&|~#@$\[\]]|:(?=\S)|(?<=www)\.")


def literal(text: str) -> str:
    """Text in one line, in a sentence, a cell of a table or an HTML element."""
    one_line = " ".join(text.split())
    return MARKUP.sub(lambda found: f"&#{ord(found[0])};", one_line)


def code(text: str) -> str:
    """Text in one line, in the font of code; people and issues that it names are not linked."""
    return f"<code>{literal(text)}</code>" if text.strip() else ""


def link(text: str, address: str) -> str:
    """A link, only the text if there is no address."""
    return f"[{literal(text)}](<{address}>)" if address else literal(text)


def block(text: str) -> str:
    """Lines as they are, whatever back quotes are in them."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def folded(title: str, text: str) -> str:
    """Lines that are shown when somebody clicks on their title."""
    summary = f"<summary>{literal(title)}</summary>"
    return f"<details>{summary}\n\n{block(text)}\n\n</details>"


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"
