"""The keys of a standard's TOML, those it must have, and the words for how sure a figure is."""

from collections.abc import Mapping

from siteplan.model.standard import FACILITY_FIGURES, TIER_FIGURES

FORMAT = 1
STATUSES = ("quoted", "adopted", "secondary", "unverified", "assumed")
REQUIRED = ("service_radius", "coverage_target", "snap_limit")
SECTIONS: Mapping[str, type] = {
    "format": int, "profile": dict, "source": dict, "threshold": dict, "services": dict,
    "district": dict, "tier": dict, "rules": dict, "clause": dict, "pilot": list,
}  # fmt: skip
PROFILE_TEXTS = ("id", "title_zh", "title_en", "note", "note_zh", "note_en", "extends")
PROFILE_DATES = ("valid_from", "valid_to")
SOURCE_KEYS = ("title_zh", "title_en", "url")
RULES_KEYS = ("enable",)
NOTE_KEYS = ("note", "note_zh", "note_en")
ORIGIN_KEYS = ("status", "source", "clause", *NOTE_KEYS, "adopted_by", "adopted_on")
FIGURE_KEYS = ("value", "min", "max", "unit", "op", "by", *ORIGIN_KEYS)
SERVICES_KEYS = ("required", "recommended", *ORIGIN_KEYS)
TITLE_KEYS = ("title_zh", "title_en")
TIER_KEYS = (*TITLE_KEYS, "minutes", "clause", "facility", *TIER_FIGURES)
FACILITY_KEYS = (*TITLE_KEYS, *ORIGIN_KEYS, *FACILITY_FIGURES)
GRANT_KEYS = ("grant_wan", "city_wan", "district_wan")
PILOT_KEYS = ("code", "name", "district", "mode", *GRANT_KEYS)
