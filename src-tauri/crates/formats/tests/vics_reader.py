#!/usr/bin/env python3
"""Reads VICS 2.0 files without knowing anything of Zeef: standard library only, field by field.

Usage: vics_reader.py FILE. Checks what a strict reader of the form checks, and prints what it understood as JSON, with
sorted keys. A file that is not in the form ends the program with a message and status 1.
"""

import json
import re
import sys

CONTEXT = re.compile(r"DataModels/(\d\.\d)\.xml(?:/([^/]+)/\$metadata)?#(Media|Cases)$")
FLAGS = ["VictimIdentified", "OffenderIdentified", "IsDistributed", "IsSuspected", "SelfGenerated", "IsPrecategorized"]
TEXTS = ["MimeType", "Series", "Tags", "Comments", "DateUpdated", "RelativeFilePath", "PrecategorizationSource", "PhotoDNA"]
FILE_TEXTS = ["Created", "Written", "Accessed", "ParentMD5", "ParentFileName", "ParentFilePath", "SourceID"]
HEAD_TEXTS = [
    "CaseID", "CaseNumber", "ContactOrganization", "ContactName", "ContactPhone", "ContactEmail", "ContactTitle",
    "SourceApplicationName", "SourceApplicationVersion", "SeizureDate",
]


class Wrong(Exception):
    """Says what is not in the form."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


def unique(pairs):
    """Refuses an object with two fields of one name: readers would take either."""
    names = [name.lower() for name, _ in pairs]
    need(len(names) == len(set(names)), f"a field stands twice among {names}")
    return dict(pairs)


def digest(value, length, what):
    need(isinstance(value, str), f"{what} is a text")
    need(re.fullmatch(r"[0-9A-Fa-f]{%d}" % length, value), f"{what} is no digest: {value!r}")
    return value.lower()


def text_fields(record, names, out):
    for name in names:
        if name in record:
            need(isinstance(record[name], str), f"{name} is a text")
            out[name] = record[name]


def named_hash(md5, one):
    need(list(one)[:3] == ["MD5", "HashName", "HashValue"], "a digest by name has MD5, HashName, HashValue, in this order")
    need(one["MD5"].lower() == md5, "a digest by name belongs to its record")
    return [one["HashName"], one["HashValue"]]


def media_file(md5, one):
    for name in ("MD5", "FileName", "FilePath"):
        need(isinstance(one.get(name), str), f"a file has {name}")
    need(one["MD5"].lower() == md5, "a file belongs to its record")
    out = {"FileName": one["FileName"], "FilePath": one["FilePath"]}
    text_fields(one, FILE_TEXTS, out)
    for name in ("Unallocated", "Deleted"):
        if name in one:
            need(isinstance(one[name], bool), f"{name} is true or false")
            out[name] = one[name]
    for name in ("PhysicalLocation", "ParentPhysicalLocation"):
        if name in one:
            need(isinstance(one[name], int), f"{name} is a number")
            out[name] = one[name]
    return out


def row(md5, one):
    need(one.get("MD5", "").lower() == md5, "a row of metadata belongs to its record")
    return [one["PropertyName"], one["PropertyValue"]]


def media(record, is_set):
    out = {}
    need(isinstance(record.get("MediaID"), int), "MediaID is a number")
    out["MediaID"] = record["MediaID"]
    if "Category" in record:
        need(type(record["Category"]) is int, "Category is a number")
        out["Category"] = record["Category"]
    out["MD5"] = digest(record.get("MD5"), 32, "MD5")
    out["SHA1"] = digest(record.get("SHA1"), 40, "SHA1")
    if "MediaSize" in record:
        need(type(record["MediaSize"]) is int and record["MediaSize"] >= 0, "MediaSize is a number")
        out["MediaSize"] = record["MediaSize"]
    for name in FLAGS:
        if name in record:
            need(isinstance(record[name], bool), f"{name} is true or false")
            out[name] = record[name]
    text_fields(record, TEXTS, out)
    md5 = out["MD5"]
    out["AlternativeHashes"] = [named_hash(md5, one) for one in record.get("AlternativeHashes", [])]
    for name, value in record.items():
        need(not isinstance(value, dict), f"{name}: an object within a record stands in a list")
    if is_set:
        need("MediaFiles" not in record, "a set names no files")
        return out
    out["MediaFiles"] = [media_file(md5, one) for one in record.get("MediaFiles", [])]
    for name in ("Exifs", "MediaMetadata"):
        out[name] = [row(md5, one) for one in record.get(name, [])]
    return out


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    need(not data.startswith(b"\xef\xbb\xbf"), "the file has no byte-order mark")
    root = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
    need(list(root) == ["@odata.context", "value"], "the context is first, value is second, nothing follows")
    found = CONTEXT.search(root["@odata.context"])
    need(found, "the context is one of VICS")
    out = {"version": found[1], "profile": found[2], "kind": found[3]}
    if found[3] == "Media":
        out["records"] = [media(record, True) for record in root["value"]]
        return out
    out["cases"] = []
    for case in root["value"]:
        head = {}
        text_fields(case, HEAD_TEXTS, head)
        need(case["TotalMediaFiles"] == len(case["Media"]), "TotalMediaFiles counts the records")
        head["Media"] = [media(record, False) for record in case["Media"]]
        out["cases"].append(head)
    return out


def main():
    try:
        json.dump(read(sys.argv[1]), sys.stdout, sort_keys=True)
    except (Wrong, KeyError, ValueError) as error:
        sys.exit(f"not in the form: {error!r}")


if __name__ == "__main__":
    main()
