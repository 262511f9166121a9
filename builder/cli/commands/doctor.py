"""`layerloom doctor`: what this machine has."""

import argparse

from builder.cli.outcome import PROBLEMS, Outcome
from builder.doctor import examine

NAME = "doctor"
HELP = "show versions, devices, browser, ports and free disk"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> Outcome:
    """One line a finding; exit 1 when something will not work."""
    findings = examine()
    width = max(len(finding.what) for finding in findings)
    lines = [f"{'ok' if f.good else '!!'}  {f.what.ljust(width)}  {f.value}" for f in findings]
    data = {"findings": [finding._asdict() for finding in findings]}
    return Outcome(data=data, lines=lines, code=0 if all(f.good for f in findings) else PROBLEMS)
