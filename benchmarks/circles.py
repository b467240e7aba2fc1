"""By how much circles overstate coverage: walking and straight-line figures at several radii.

python benchmarks/circles.py CASE 500 1000 1500
"""

import argparse
from pathlib import Path

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case


def main() -> None:
    """Print a row for each radius."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", type=Path)
    parser.add_argument("radii_m", type=float, nargs="+", metavar="METRES")
    arguments = parser.parse_args()
    case = read_case(arguments.case)
    print("| radius | covered on foot | by circles | circles overstate by |")
    print("| ---: | ---: | ---: | ---: |")
    for radius_m in arguments.radii_m:
        summary = evaluate(case, radius_m=radius_m).summary
        walked, straight = summary.coverage_ratio, summary.straight_line_coverage_ratio
        excess = straight / walked - 1 if walked else float("nan")
        print(f"| {radius_m:g} m | {walked:.1%} | {straight:.1%} | {excess:.1%} |")


if __name__ == "__main__":
    main()
