"""Numbers and names as they are written on the pages."""

from __future__ import annotations

import re

from etl.console import one_line

NO_SOURCE = "(no source)"
"""How documents without a source are called here."""

_OURS = re.compile(r'"*(\(no source\)|[0-9,]+ others)"*')
"""What a source may be called and yet mean no source, or several; in quotes it is a name."""
_LONGEST, _LONGEST_MESSAGE = 200, 2000


def percent(share: float | None) -> str:
    """`34%`, `0.4%`, `99.8%`: never rounded to none or all; an en dash where there is nothing to have a share of."""
    if share is None:
        return "–"
    value = share * 100
    if 0 < value < 1 or 99 < value < 100:  # noqa: PLR2004 - percents
        return "under 0.1%" if value < 0.1 else "over 99.9%" if value > 99.9 else f"{value:.1f}%"  # noqa: PLR2004
    return f"{value:.0f}%"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 article`, `1,234 articles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def source_name(source: str) -> str:
    """What a source is called on the pages: never like another one, nor like what is no source."""
    return NO_SOURCE if not source else f'"{source}"' if _OURS.fullmatch(source) else source


def share_of(part: int, whole: int) -> float | None:
    """None where there is nothing to have a share of."""
    return part / whole if whole else None


def shown(text: str, longest: int = _LONGEST) -> str:
    """Text of the corpus with what cannot be seen, or turns the direction of writing, written out, and not endless."""
    line = one_line(text)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def told(text: str) -> str:
    """A message, which ends with what to do: whole, as far as one can read it; each of its lines on the same line."""
    return shown(" ".join(text.splitlines()), _LONGEST_MESSAGE)


def listed(names: list[str], most: int = 3) -> str:
    """`a, b and c`; `a, b, c and 4 more`."""
    if len(names) > most:
        return ", ".join(names[:most]) + f" and {len(names) - most:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
