"""Maps for paper, drawn as SVG: the same on a page of the report and on a plate."""
