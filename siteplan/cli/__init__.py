"""The siteplan command: parse arguments, call the library, print. Nothing else."""

from siteplan.cli import (  # each adds its commands
    comparing,
    judging,
    laying,
    proposing,
    reviewing,
    standards,
)
from siteplan.cli.command import main

__all__ = ["comparing", "judging", "laying", "main", "proposing", "reviewing", "standards"]
