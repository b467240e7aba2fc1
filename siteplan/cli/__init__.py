"""The siteplan command: parse arguments, call the library, print. Nothing else."""

from siteplan.cli import (  # each adds its commands
    comparing,
    fetching,
    judging,
    laying,
    proposing,
    reviewing,
    standards,
    starting,
)
from siteplan.cli.command import main

__all__ = [
    "comparing",
    "fetching",
    "judging",
    "laying",
    "main",
    "proposing",
    "reviewing",
    "standards",
    "starting",
]
