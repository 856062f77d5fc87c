"""Plants defects in a copy of a source file: plant.py ROOT SOURCE OUT PATCH...

Each PATCH is a unified diff of its own against the file as it stands. In OUT every change of it
stands beside what it replaces, behind `if (planted("NAME of the patch"))`, so that one program
holds all defects and runs with any one of them, or with none. Hence a change replaces, adds or
drops whole statements, or changes the condition of an `if`; two defects may replace the same lines,
but not lines that overlap.
"""

import pathlib
import re
import sys

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")
CONDITION = re.compile(r"(\s*if )\((.*)\)( \{)?", re.DOTALL)


class Unplantable(Exception):
    """A patch that cannot be planted; the text says which, why and how to mend it."""


def hunks_of(patch, source):
    """Yields (line, body) of each hunk against `source`; body holds its lines with their marks."""
    line, body, here = 0, [], False
    for text in patch.read_text().splitlines():
        begin = HUNK.match(text)
        if begin or text.startswith("--- "):
            if here and body:
                yield line, body
            body = []
            line = int(begin[1]) if begin else 0
            here = here if begin else text == f"--- a/{source}"
        elif line and text[:1] in (" ", "-", "+", ""):
            body.append(text or " ")
    if here and body:
        yield line, body


def place_of(old, lines, near):
    """Where `old` stands in `lines`: of several places the one nearest to `near`; None: nowhere."""
    places = [at for at in range(len(lines) - len(old) + 1) if lines[at:at + len(old)] == old]
    return min(places, key=lambda at: abs(at - near), default=None)


def changes_of(patch, source, lines):
    """Yields (begin, end, new): the lines from `begin` up to `end` become `new`."""
    for line, body in hunks_of(patch, source):
        at = place_of([text[1:] for text in body if text[0] != "+"], lines, line - 1)
        if at is None:
            raise Unplantable(
                f"{patch.name} no longer applies to {source} near line {line}: make its defect "
                f"there by hand, put `git diff {source}` below the head of {patch}, and take the "
                f"defect back by `git checkout {source}`")
        while body:
            if body[0][0] == " ":
                at, body = at + 1, body[1:]
                continue
            end = next((i for i, text in enumerate(body) if text[0] == " "), len(body))
            new = [text[1:] for text in body[:end] if text[0] == "+"]
            begin, at, body = at, at + end - len(new), body[end:]
            yield begin, at, new


def branches_of(patches, source, lines):
    """The changes of all patches, by the lines they replace, in order: [(begin, end), {name: new}].
    """
    found = {}
    for patch in patches:
        for begin, end, new in changes_of(patch, source, lines):
            found.setdefault((begin, end), {})[patch.stem] = new
    ordered = sorted(found.items())
    for (one, its), (other, others) in zip(ordered, ordered[1:]):
        if other[0] < one[1]:
            raise Unplantable(
                f"{'.patch, '.join([*its, *others])}.patch change overlapping lines of {source} "
                f"from line {other[0] + 1} on: let them replace the same lines, or others")
    return ordered


def branch(old, by_name, mark):
    """`old` and beside it what each defect has in its place."""
    condition = CONDITION.fullmatch("\n".join(old))
    if condition:
        start, chosen, brace = condition.groups()
        for name, new in by_name.items():
            other = CONDITION.fullmatch("\n".join(new))
            if not other:
                break
            chosen = f'::nexte::planted("{name}") ? ({other[2]}) : ({chosen})'
        else:
            return [f"{start}({chosen}){brace or ''}"]
    out = []
    for name, new in by_name.items():
        out += [f'if (::nexte::planted("{name}")) {{', *new, "} else"]
    return [*out, "{", mark, *old, "}"]


def plant(source, lines, patches):
    """`lines` of `source` with the changes of all patches in branches of their own."""
    out = ['#include "tests/simulation/planted/planted.hpp"']
    mark = f'#line {{}} "{source}"'
    done = 0
    for (begin, end), by_name in branches_of(patches, source, lines):
        out += [mark.format(done + 1), *lines[done:begin]]
        out += branch(lines[begin:end], by_name, mark.format(begin + 1))
        done = end
    return [*out, mark.format(done + 1), *lines[done:]]


def main(root, source, out, *patches):
    lines = (pathlib.Path(root) / source).read_text().splitlines()
    try:
        planted = plant(source, lines, [pathlib.Path(patch) for patch in patches])
    except Unplantable as why:
        sys.exit(f"error: {why}")
    pathlib.Path(out).write_text("\n".join(planted) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
