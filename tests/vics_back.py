#!/usr/bin/env python3
"""Tells what a VICS case says that another one does not: standard library only, knowing nothing of Zeef but one name.

Usage: vics_back.py FIRST SECOND. Records are joined by MD5. A field of FIRST is there when SECOND has its value in the same
place, or in an object of the list `X_ZeefOtherTools` of the record (`X_ZeefOtherCases` of the case). Prints what is missing,
one line each, and ends with status 1 if anything is.
"""

import json
import sys

BESIDE = "X_ZeefOtherTools"
HEADS = "X_ZeefOtherCases"
# What belongs to whoever wrote the file, and is counted anew.
OF_WRITER = {"media", "totalmediafiles"}


def plain(value):
    """Makes values comparable: numbers and flags as writers have them, names in any case, digests in any case."""
    if isinstance(value, dict):
        return {name.lower(): plain(one) for name, one in value.items() if name.lower() != "md5" and one != ""}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return str(value).lower()


def records(path):
    with open(path, encoding="utf-8-sig") as file:
        root = json.load(file)
    return root["value"], [record for case in root["value"] for record in case["Media"]]


def holds(there, name, value):
    wanted = plain(value)
    for found_name, found in there.items():
        if found_name.lower() != name.lower():
            continue
        found = plain(found)
        if found == wanted:
            return True
        if isinstance(wanted, list) and isinstance(found, list) and all(one in found for one in wanted):
            return True
    return False


def missing(first, second):
    """Gives the fields of a record that the other one lacks."""
    beside = second.get(BESIDE, [])
    places = [second, *beside]
    for name, value in first.items():
        if value in ("", None, []) and name in ("Category", "SHA1", "MD5", "Exifs", "MediaMetadata", "Comments"):
            continue
        if not any(holds(there, name, value) for there in places):
            yield f"{name} = {json.dumps(value)}"


def main():
    (first_cases, first), (second_cases, second) = records(sys.argv[1]), records(sys.argv[2])
    lacks = []
    for record in first:
        md5 = record["MD5"].lower()
        found = [one for one in second if one["MD5"].lower() == md5]
        if len(found) != 1:
            lacks.append(f"{md5}: {len(found)} records")
            continue
        lacks.extend(f"{md5}: {field}" for field in missing(record, found[0]))
    heads = [head for case in second_cases for head in case.get(HEADS, [])]
    for case in first_cases:
        for name, value in case.items():
            if name.lower() not in OF_WRITER and not any(holds(head, name, value) for head in heads):
                lacks.append(f"case: {name} = {json.dumps(value)}")
    for line in lacks:
        print(line)
    sys.exit(1 if lacks else 0)


if __name__ == "__main__":
    main()
