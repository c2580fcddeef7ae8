"""`python -m bench [web|sweep|import]`: measures, and prints the ratios with what they are against."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from . import Ratio

BENCHES = {"web": "web_bench", "sweep": "sweep_bench", "import": "import_bench"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures the console. Results are ratios.")
    parser.add_argument("benches", nargs="*", metavar="|".join(BENCHES), help="which to run; all where none is named")
    named = parser.parse_args().benches
    if unknown := [name for name in named if name not in BENCHES]:
        parser.error(f"there is no {', '.join(unknown)}: only {', '.join(BENCHES)}")
    ratios: list[Ratio] = []
    for name in named or BENCHES:
        ratios += importlib.import_module(f"{__package__}.{BENCHES[name]}").run()
    print(table(ratios))


def table(ratios: Sequence[Ratio]) -> str:
    """The results, one a line."""
    head = ("measured", "against", "ratio", "goal")
    lines = [head, *((ratio.what, ratio.against, f"{ratio.value:.3f}", ratio.goal) for ratio in ratios)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place == 2 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
