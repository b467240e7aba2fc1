"""The siteplan command: parse arguments, call the library, print. Nothing else."""

from siteplan.cli import judging, proposing, reviewing, standards  # each adds its commands
from siteplan.cli.command import main

__all__ = ["judging", "main", "proposing", "reviewing", "standards"]
