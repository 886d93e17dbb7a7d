"""Tables and bounds, as text for people and as JSON for whoever compares runs."""

import json


class Report:
    """Collects what was measured; `bound` judges a figure and keeps the verdict."""

    def __init__(self):
        self.verdicts = []
        self.tables = []

    def title(self, text):
        print(f"\n== {text}", flush=True)

    def note(self, text):
        print(f"   {text}", flush=True)

    def table(self, header, rows):
        """Prints rows of strings and numbers, the first column to the left."""
        cells = [header] + [[_text(x) for x in row] for row in rows]
        widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
        for row in cells:
            line = [row[0].ljust(widths[0])] + [x.rjust(w) for x, w in zip(row[1:], widths[1:])]
            print("   " + "  ".join(line), flush=True)
        self.tables.append({"header": header, "rows": rows})

    def bound(self, what, value, limit, unit="", at_least=False):
        """A figure against its bound: at most `limit`, or at least with `at_least`."""
        passed = value >= limit if at_least else value <= limit
        word = "at least" if at_least else "at most"
        self.verdicts.append(
            {"what": what, "value": value, "limit": limit, "unit": unit, "at_least": at_least, "passed": passed}
        )
        print(
            f"   {'pass' if passed else 'MISS'}  {what}: {_text(value)}{unit} ({word} {_text(limit)}{unit})", flush=True
        )

    def failed(self, part, cause):
        """Counts a part that could not be measured as a bound that was missed."""
        self.verdicts.append({"what": f"{part} could not be measured", "passed": False})
        print(f"   MISS  {part} could not be measured: {cause}", flush=True)

    def summary(self):
        """Prints the last line and returns True if no bound was missed."""
        missed = [v["what"] for v in self.verdicts if not v["passed"]]
        print(
            f"\n{len(self.verdicts) - len(missed)} bounds held, {len(missed)} missed"
            + (": " + "; ".join(missed) if missed else "")
        )
        return not missed

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"verdicts": self.verdicts, "tables": self.tables}, file, indent=1)


def _text(x):
    if isinstance(x, float):
        return f"{x:.0f}" if abs(x) >= 1000 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"
    return "-" if x is None else str(x)
