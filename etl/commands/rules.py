"""`news-etl rules`: what every row and every day must fulfil, and what happens where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from etl import console
from etl.commands.common import ConfigOption, JsonOption, errors_shown, resolve_settings


@errors_shown
def rules(
    *,
    tables: Annotated[list[str] | None, typer.Option("--table", metavar="TABLE", help="Only this suite.")] = None,
    policies: Annotated[
        list[str] | None, typer.Option("--policy", metavar="POLICY", help="Only block, quarantine or warn.")
    ] = None,
    suites: Annotated[Path | None, typer.Option("--suites", metavar="FOLDER", help="Folder of suites.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the rules of validation, after checking the suite files: each problem is told with file, rule and remedy.

    A suite is a JSON file for each table and one for the `day` as a whole. To change a rule, copy the folder (its path
    stands below the list), name the copy in the setting `suites`, and edit:

    - `kwargs`: numbers, sets and `mostly`, the share that must pass. `meta.measures`: patterns and lists.
    - `meta.policy`: `quarantine` takes failing rows out, `block` keeps the day from being published, `warn` records.
    - `meta.tolerated_rows`: failing rows that block no day whatever their share; for `quarantine`.

    Then run this command again. What may stand there: docs/rules.md. Days are outdated once the rules have changed;
    `news-etl run --stale` brings them up to date.

    Example: `news-etl rules --table articles --policy quarantine`
    """
    from etl.validate.judge import build_suite
    from etl.validate.listing import listed_rules
    from etl.validate.suites import JUDGED, POLICIES, load_suites, suites_folder

    for given, known, what in ((tables, [t.name for t in JUDGED], "table"), (policies, list(POLICIES), "policy")):
        unknown = [name for name in given or [] if name not in known]
        if unknown:
            message = f"there is no {what} `{unknown[0]}`; known: {', '.join(known)}"
            raise typer.BadParameter(message)
    folder = suites_folder(suites or resolve_settings({}, config).suites)
    loaded = load_suites(folder).values()
    with console.err.status("asking Great Expectations about the rules"):
        for suite in loaded:
            build_suite(suite)
    found = [
        (listed, rule)
        for listed, rule in listed_rules(loaded)
        if listed.table in (tables or [listed.table]) and listed.policy in (policies or [listed.policy])
    ]
    if as_json:
        for listed, rule in found:
            console.print_json_line(listed.as_json(rule))
        return
    headings = ("table", "rule", "policy", "severity", "tolerated", "what must hold", "why")
    rows = [[r.table, r.rule, r.policy, r.severity, r.tolerated, r.condition, r.note] for r, _ in found]
    console.print_table(dict.fromkeys(headings, False), rows)
    console.out.print(f"{len(found)} rules in {folder.absolute()}", markup=False)
