"""Reads a published site with independent programs: python-tuf as the client, DuckDB for the Parquet.

Usage: python_tuf.py OLDER_SITE SITE ROTATED_SITE OTHER_SITE NOW. All are sites of `zeef-publish`: SITE is a later state of
OLDER_SITE, and ROTATED_SITE is a later state of SITE with new keys; OTHER_SITE is another publisher's. NOW is RFC 3339. Prints
one line for each thing that was found as it has to be, and ends with an error at the first that was not.
"""

import datetime
import hashlib
import json
import pathlib
import shutil
import sys
import tempfile

import duckdb
from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient import FetcherInterface, Updater


class Folder(FetcherInterface):
    """Serves a folder in the place of a web server."""

    def _fetch(self, url):
        path = pathlib.Path(url.removeprefix("file://"))
        if not path.is_file():
            raise DownloadHTTPError(f"{path} is not there", 404)
        return iter([path.read_bytes()])


def client(site, cache, root, now):
    """Makes a client that trusts `root` and keeps what it has seen in `cache`."""
    cache.mkdir(exist_ok=True)
    updater = Updater(
        metadata_dir=str(cache),
        metadata_base_url=f"file://{site}/metadata/",
        target_dir=str(cache),
        target_base_url=f"file://{site}/targets/",
        fetcher=Folder(),
        bootstrap=root,
    )
    updater._trusted_set.reference_time = now
    return updater


def fetch(site, cache, root, now):
    """Fetches every target of the newest release; gives their bytes by name."""
    updater = client(site, cache, root, now)
    updater.refresh()
    index = updater.get_targetinfo("release.json")
    path = updater.download_target(index, str(cache / "release.json"))
    release = json.loads(pathlib.Path(path).read_text())
    names = [part["file"]["target"] for part in release["snapshot"]["parts"]]
    names += [delta["file"]["target"] for delta in release["deltas"]]
    names += ["trust-map.json", "leads.json"]
    files = {"release.json": pathlib.Path(path).read_bytes()}
    for name in names:
        path = updater.download_target(updater.get_targetinfo(name), str(cache / name))
        files[name] = pathlib.Path(path).read_bytes()
    return release, files


def refused(what, why, attempt):
    """Runs what has to be refused for this reason."""
    try:
        attempt()
    except (RepositoryError, DownloadError, ValueError) as error:
        names = [kind.__name__ for kind in type(error).__mro__]
        if why not in names:
            raise SystemExit(f"refused, but not by {why}: {what}: {error!r}")
        print(f"refused: {what}: {type(error).__name__}")
        return
    raise SystemExit(f"NOT refused: {what}")


def changed(site, pattern, change, into):
    """Copies a site and changes all of its files of one name: the last two releases are kept."""
    shutil.copytree(site, into)
    paths = list(into.glob(pattern))
    assert paths, pattern
    for path in paths:
        path.write_bytes(change(path.read_bytes()))
    return into


def flip(data):
    """Flips one bit in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def other_version(data):
    """Raises the version of signed metadata, and leaves the signatures as they are: only they can tell."""
    metadata = json.loads(data)
    metadata["signed"]["version"] += 1
    return json.dumps(metadata).encode()


def one_signature(data):
    """Leaves one signature of several."""
    metadata = json.loads(data)
    assert len(metadata["signatures"]) > 1
    metadata["signatures"] = metadata["signatures"][:1]
    return json.dumps(metadata).encode()


def ask_duckdb(release, folder):
    """Compares the counts of the index with those of the Parquet files."""
    db = duckdb.connect()
    entries = 0
    for part in release["snapshot"]["parts"]:
        path = folder / part["file"]["target"]
        rows, ids, low, high = db.execute(
            "select count(*), count(distinct entry_id), min(entry_id), max(entry_id) from read_parquet(?)", [str(path)]
        ).fetchone()
        assert rows == ids == part["entries"], part
        assert low >> 17 == high >> 17 == part["number"], part
        entries += rows
        bad = db.execute(
            "select count(*) from read_parquet(?) where (md5 is null and sha1 is null and sha256 is null)"
            " or (verdict = 2) <> (category is not null) or octet_length(sha256) <> 32 or octet_length(md5) <> 16",
            [str(path)],
        ).fetchone()[0]
        assert bad == 0, part
    assert entries == release["snapshot"]["entries"], entries
    print(f"duckdb: {entries} entries in {len(release['snapshot']['parts'])} parts")
    for delta in release["deltas"]:
        path = str(folder / delta["file"]["target"])
        upserts, withdrawals = db.execute(
            "select count(*) filter (op = 0), count(*) filter (op = 1) from read_parquet(?)", [path]
        ).fetchone()
        assert (upserts, withdrawals) == (delta["upserts"], delta["withdrawals"]), delta
        print(f"duckdb: delta to {delta['version']}: {upserts} upserts, {withdrawals} withdrawals")


def main():
    older, site, rotated, other = (pathlib.Path(name).resolve() for name in sys.argv[1:5])
    now = datetime.datetime.fromisoformat(sys.argv[5].replace("Z", "+00:00"))
    enrolment = json.loads((older / "enrolment.json").read_text())
    root = enrolment["root"].encode()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        fetch(older, scratch / "cache", root, now)
        print("accepted: the older release")
        release, files = fetch(site, scratch / "cache", root, now)
        for name, data in files.items():
            listed = site / "targets" / f"{hashlib.sha256(data).hexdigest()}.{name}"
            assert listed.read_bytes() == data, name
        print(f"accepted: version {release['version']} with {len(files)} targets")
        ask_duckdb(release, scratch / "cache")
        refused("rollback to the older release", "BadVersionNumberError", lambda: fetch(older, scratch / "cache", root, now))
        fetch(rotated, scratch / "cache", root, now)
        print("accepted: new keys, by way of the roots in between")
        refused("replay of before the rotation", "RepositoryError", lambda: fetch(site, scratch / "cache", root, now))
        foreign = next(other.glob("targets/*release.json"))
        newest = max(int(path.name.split(".")[0]) for path in rotated.glob("metadata/*.root.json"))
        stale = max(older.glob("metadata/*.snapshot.json"), key=lambda path: int(path.name.split(".")[0])).read_bytes()
        attacks = [
            ("one bit flipped in a part", site, "targets/*part*", flip, "LengthOrHashMismatchError"),
            ("one bit flipped in the index", site, "targets/*release.json", flip, "LengthOrHashMismatchError"),
            ("a part cut short", site, "targets/*part*", lambda data: data[:-1], "LengthOrHashMismatchError"),
            ("a part that is too long", site, "targets/*part*", lambda data: data + b"x", "DownloadLengthMismatchError"),
            ("another publisher's file under this name", site, "targets/*release.json", lambda _: foreign.read_bytes(), "LengthOrHashMismatchError"),
            ("one bit flipped in the timestamp", site, "metadata/timestamp.json", flip, "RepositoryError"),
            ("a timestamp that nobody signed", site, "metadata/timestamp.json", other_version, "UnsignedMetadataError"),
            ("an old snapshot under a new timestamp", site, "metadata/*.snapshot.json", lambda _: stale, "RepositoryError"),
            ("a root with too few signatures", rotated, f"metadata/{newest}.root.json", one_signature, "UnsignedMetadataError"),
        ]
        for number, (what, whole, pattern, change, why) in enumerate(attacks):
            bad = changed(whole, pattern, change, scratch / f"changed{number}")
            refused(what, why, lambda: fetch(bad, scratch / f"cache{number}", root, now))
            # The same client takes the site as it was published.
            fetch(whole, scratch / f"cache{number}", root, now)
        late = now + datetime.timedelta(days=15)
        refused("expired timestamp", "ExpiredMetadataError", lambda: fetch(site, scratch / "late", root, late))
        refused("another publisher's site", "UnsignedMetadataError", lambda: fetch(other, scratch / "other", root, now))
        stranger = json.loads((other / "enrolment.json").read_text())["root"].encode()
        refused(
            "this site, by another publisher's root",
            "UnsignedMetadataError",
            lambda: fetch(site, scratch / "stranger", stranger, now),
        )


main()
