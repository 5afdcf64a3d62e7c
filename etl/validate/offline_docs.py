"""Data Docs that need no network: pages as Great Expectations builds them load style and scripts from elsewhere.

What only works with these scripts is taken out, what they hide is shown, one style sheet of our own is put into each
page. The index, a table that scripts would draw, is made anew: every rule with what it found.
"""

from __future__ import annotations

import html
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

if TYPE_CHECKING:
    from etl.validate.judge import Judgement, Outcome

_STYLE = Path(__file__).with_name("docs.css")

_GONE = (
    "script, noscript, style, link, base, iframe, object, embed, img, video, audio, svg, footer, title, button, "
    # Filters and the toggles of sections, which are open here.
    "div.card:has(input), [data-toggle='collapse'], [id$='-toolbar'], .modal"
)
_SAID = {"text-success": "passed", "text-danger": "failed", "text-warning": "warning"}
"""What the colour of an icon says."""
_SCRIPTED = ("style", "onclick", "data-toggle", "data-search", "data-icon-size", "data-sortable")


def make_offline(folder: Path, run_id: str, judgements: Sequence[Judgement]) -> None:
    """Rewrite the pages below `folder` and its index, and remove what they load no more."""
    style = _STYLE.read_text(encoding="utf-8")
    for page in sorted(folder.rglob("*.html")):
        page.write_text(_offline(page.read_text(encoding="utf-8"), run_id, style), encoding="utf-8")
    (folder / "index.html").write_text(_index(folder, run_id, judgements, style), encoding="utf-8")
    shutil.rmtree(folder / "static", ignore_errors=True)


def _offline(page: str, run_id: str, style: str) -> str:
    tree = LexborHTMLParser(page)
    for icon in tree.css("i[class]"):
        said = next((word for name, word in _SAID.items() if name in (icon.attributes["class"] or "")), "")
        word = LexborHTMLParser(f'<b class="{said}">{said}</b>').css_first("b")
        icon.replace_with(word if said and word is not None else "")
    for node in tree.css(_GONE):
        node.decompose()
    for node in tree.css("*"):
        _plain(node)
    heading = tree.css_first("h4")
    title = f"{heading.text() if heading else 'Data Docs'}, run {run_id}"
    return _whole(title, style, (tree.body or tree.root).inner_html or "" if tree.root else "")


def _plain(node: LexborNode) -> None:
    """Take out attributes that do nothing without scripts, and addresses outside."""
    for name in _SCRIPTED:
        if name in node.attributes:
            del node.attrs[name]
    if "://" in (node.attributes.get("href") or ""):
        node.unwrap()
    elif node.tag == "a" and node.child is None:
        node.decompose()  # held a logo


def _whole(title: str, style: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _index(folder: Path, run_id: str, judgements: Sequence[Judgement], style: str) -> str:
    parts = [
        f"<h1>What the rules found in run {html.escape(run_id)}</h1>",
        f"<p>{html.escape(_in_short(judgements))}</p>",
    ]
    for judgement in judgements:
        table = html.escape(judgement.table)
        links = {
            "results as Great Expectations shows them": next(
                folder.glob(f"validations/{judgement.table}/**/*.html"), None
            ),
            "its rules": folder / "expectations" / f"{judgement.table}.html",
        }
        shown = [
            f'<a href="{html.escape(page.relative_to(folder).as_posix())}">{text}</a>'
            for text, page in links.items()
            if page is not None and page.is_file()
        ]
        rows = "\n".join(_row(outcome) for outcome in judgement.outcomes)
        parts.append(
            f"<h2>{table}</h2>\n<p>{', '.join(shown)}</p>\n"
            f'<div class="scroll" tabindex="0" role="region" aria-label="Rules of {table}">\n<table>\n'
            '<thead><tr><th>rule</th><th>verdict</th><th>policy</th><th class="number">rows judged</th>'
            f'<th class="number">rows that fail</th><th>observed</th><th>what it is for</th></tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
        )
    return _whole(f"Data Docs of run {run_id}", style, "\n".join(parts))


def _in_short(judgements: Sequence[Judgement]) -> str:
    outcomes = [outcome for judgement in judgements for outcome in judgement.outcomes]
    failed = [outcome for outcome in outcomes if not outcome.success]
    blocking = [o for o in failed if o.blocks or o.crash is not None]
    verdict = "they keep the day from being published" if blocking else "none of them blocks the day"
    told = f"{len(failed)} of {len(outcomes)} rules fail; {verdict}." if failed else f"All {len(outcomes)} rules hold."
    taken = sum(o.unexpected for o in outcomes if o.rule.policy == "quarantine")
    return told + (f" Quarantine rules name {taken:,} rows; they stand in the rejects." if taken else "")


def _row(outcome: Outcome) -> str:
    rule = outcome.rule
    if outcome.crash is not None:
        verdict, observed = "failed", f"could not be evaluated: {outcome.crash}"
    else:
        verdict = "passed" if outcome.success else "warning" if rule.policy == "warn" else "failed"
        observed = outcome.observed
    texts = (html.escape(text) for text in (rule.name, verdict, rule.policy, observed, rule.notes))
    name, said, policy, seen, notes = texts
    return (
        f'<tr><td>{name}</td><td><span class="{said}">{said}</span></td><td>{policy}</td>'
        f'<td class="number">{outcome.evaluated:,}</td><td class="number">{outcome.unexpected:,}</td>'
        f"<td>{seen}</td><td>{notes}</td></tr>"
    )
