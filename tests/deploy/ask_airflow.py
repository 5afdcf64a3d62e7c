"""Ask Airflow, in a process of its own, which options it knows and which command lines it takes: JSON in, JSON out."""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from airflow.cli.cli_parser import get_parser
from airflow.configuration import conf

options = {section: sorted(facts["options"]) for section, facts in conf.configuration_description.items()}
refused = []
for command in json.load(sys.stdin):
    said = StringIO()
    try:
        with redirect_stderr(said), redirect_stdout(said):
            get_parser().parse_args(command)
    except SystemExit:
        refused.append([" ".join(command), said.getvalue()])
json.dump({"options": options, "refused": refused}, sys.stdout)
