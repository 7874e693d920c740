"""Holds the list of behaviours against the tests that cover them.

Every row of rows.txt needs at least one test with a line "// Covers: <row>"
above it; no test may name a row that is not listed; and no course test may be
mapped to rows that are decided against. Rows that are pending or not built need
no test and must not have one.

Usage: check_rows.py [--rows FILE] [--tests FOLDER] [--list]
Exit status: 0 when everything fits, 1 when not, 2 when the list is malformed.
"""

import argparse
import dataclasses
import pathlib
import re
import sys

ROW = re.compile(r"^[A-Z][0-9]+[a-z]?$")
COURSE_TEST = re.compile(r"^Test\w+$")
COVERS = re.compile(r"^\s*// Covers:\s*(.*)$")
TEST_START = re.compile(r"^\s*(TEST|TEST_F|TEST_P|TYPED_TEST)\(")
HERE = pathlib.Path(__file__).resolve().parent


class MalformedList(Exception):
    pass


@dataclasses.dataclass
class Row:
    text: str
    built: bool
    pending: bool


@dataclasses.dataclass
class Cover:
    row: str
    place: str


def parse_rows(text):
    """Returns (rows, course tests) of the contents of a rows.txt."""
    rows, course = {}, {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#") or line.startswith("["):
            continue
        name, _, rest = line.partition(" ")
        rest = rest.strip()
        if COURSE_TEST.match(name) and rest.startswith("="):
            mapped = rest[1:].split()
            if not mapped:
                raise MalformedList(f"line {number}: {name} has no row")
            if name in course:
                raise MalformedList(f"line {number}: {name} is there twice")
            course[name] = mapped
        elif ROW.match(name) and rest:
            if name in rows:
                raise MalformedList(f"line {number}: {name} is there twice")
            pending = rest.startswith("pending:")
            unbuilt = pending or rest.startswith("not built:")
            if rest.startswith("not built:") and rest.count(":") < 2:
                raise MalformedList(f"line {number}: {name} lacks a reason")
            rows[name] = Row(rest, not unbuilt, pending)
        else:
            raise MalformedList(f"line {number}: neither row nor test: {line}")
    if not rows:
        raise MalformedList("the list is empty")
    return rows, course


def parse_covers(text, place):
    """Returns (covers, problems) of the contents of a test file."""
    covers, problems = [], []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        match = COVERS.match(line)
        if not match:
            continue
        where = f"{place}:{number}"
        following = number
        while following < len(lines) and (
            COVERS.match(lines[following])
            or lines[following].lstrip().startswith("//")
        ):
            following += 1
        if following >= len(lines) or not TEST_START.match(lines[following]):
            problems.append(f"{where}: no test follows the Covers line")
        names = [name.strip() for name in match.group(1).split(",")]
        for name in names:
            if ROW.match(name):
                covers.append(Cover(name, where))
            else:
                problems.append(f"{where}: not the name of a row: '{name}'")
    return covers, problems


def find_problems(rows, course, covers):
    covered = {cover.row for cover in covers}
    problems = []
    for cover in covers:
        if cover.row not in rows:
            problems.append(f"{cover.place}: there is no row {cover.row}")
        elif not rows[cover.row].built:
            problems.append(
                f"{cover.place}: row {cover.row} is listed as unbuilt"
            )
    for name, row in rows.items():
        if row.built and name not in covered:
            problems.append(f"row {name} has no test: {row.text}")
    for test, mapped in course.items():
        for name in mapped:
            if name not in rows:
                problems.append(f"{test}: there is no row {name}")
            elif name not in covered and not rows[name].pending:
                problems.append(f"{test}: row {name} has no test")
    return problems


def check(rows_file, tests):
    rows, course = parse_rows(rows_file.read_text(encoding="utf-8"))
    covers, problems = [], []
    for path in sorted(tests.rglob("*.cc")):
        found, bad = parse_covers(
            path.read_text(encoding="utf-8"), path.relative_to(tests)
        )
        covers += found
        problems += bad
    return rows, course, covers, problems + find_problems(rows, course, covers)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=pathlib.Path, default=HERE / "rows.txt")
    parser.add_argument("--tests", type=pathlib.Path, default=HERE.parent)
    parser.add_argument("--list", action="store_true", help="show the mapping")
    options = parser.parse_args(arguments)
    try:
        rows, course, covers, problems = check(options.rows, options.tests)
    except MalformedList as error:
        print(f"{options.rows}: {error}")
        return 2
    if options.list:
        for name in rows:
            places = [str(c.place) for c in covers if c.row == name]
            print(f"{name}: {', '.join(places) or '-'}")
    for problem in problems:
        print(problem)
    pending = sum(row.pending for row in rows.values())
    unbuilt = sum(not row.built for row in rows.values()) - pending
    print(
        f"{len(rows)} rows ({pending} pending, {unbuilt} decided against), "
        f"{len(course)} course tests, "
        f"{len(covers)} mentions in tests, {len(problems)} problems"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
