"""Planning standards (设置标准) as TOML: thresholds with their status and source."""

from siteplan.standard.keys import (
    FACILITY_KEYS,
    FIGURE_KEYS,
    FORMAT,
    GRANT_KEYS,
    NOTE_KEYS,
    ORIGIN_KEYS,
    PILOT_KEYS,
    PROFILE_DATES,
    PROFILE_TEXTS,
    REQUIRED,
    RULES_KEYS,
    SECTIONS,
    SERVICES_KEYS,
    SOURCE_KEYS,
    STATUSES,
    TIER_KEYS,
    TITLE_KEYS,
)
from siteplan.standard.layers import SHIPPED, list_shipped, name_standard
from siteplan.standard.notes import note_adoption, note_districts, note_validity
from siteplan.standard.radius import (
    BY_TIME,
    SECONDS,
    find_older_radius,
    override_radius,
    override_time,
)
from siteplan.standard.reading import read_standard
from siteplan.standard.tables import WRITE_DATE, WRITE_NUMBER, WRITE_RATIO, WRITE_TEXT

__all__ = [
    "BY_TIME",
    "FACILITY_KEYS",
    "FIGURE_KEYS",
    "FORMAT",
    "GRANT_KEYS",
    "NOTE_KEYS",
    "ORIGIN_KEYS",
    "PILOT_KEYS",
    "PROFILE_DATES",
    "PROFILE_TEXTS",
    "REQUIRED",
    "RULES_KEYS",
    "SECONDS",
    "SECTIONS",
    "SERVICES_KEYS",
    "SHIPPED",
    "SOURCE_KEYS",
    "STATUSES",
    "TIER_KEYS",
    "TITLE_KEYS",
    "WRITE_DATE",
    "WRITE_NUMBER",
    "WRITE_RATIO",
    "WRITE_TEXT",
    "find_older_radius",
    "list_shipped",
    "name_standard",
    "note_adoption",
    "note_districts",
    "note_validity",
    "override_radius",
    "override_time",
    "read_standard",
]
