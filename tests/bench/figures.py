"""The figures: each measures Zeef and its peers by turns, in one run, and gives ratios. Nothing here judges a time."""

import csv
import json
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from measuring import Failed, in_pairs, median, note, run

RADIUS = 31
SEED = 20
# So many digests are asked of SQLite by a statement each; more would only take longer.
SINGLE_LOOKUPS_MAX = 500_000
# A larger corpus is added to a case once and not `rounds` times: a round takes a quarter of an hour.
ROUNDS_FILES_MAX = 5_000
# Item of the file of queries: MD5, SHA-1, SHA-256, length (see the example synthetic_set).
QUERY = struct.Struct("<16s20s32sQ")
MIB = 1 << 20


@dataclass
class Figure:
    """Holds one row of the table."""

    name: str
    ours: float
    unit: str
    peer_name: str = ""
    peer: float | None = None
    # How many times better ours is: of each pair, then the median.
    ratio: float | None = None
    # What issue or plan asks for, in words; the table shows it beside the figure and never fails on it.
    goal: str = ""
    pairs: list = field(default_factory=list)
    remark: str = ""


@dataclass
class Bench:
    """Holds what all figures need."""

    # Folder of the release programs of Zeef.
    programs: object
    # Folder for everything that is made; it can be deleted afterwards.
    work: object
    corpus: object
    corpus_name: str
    peers: object
    rounds: int
    entries: int
    lookups: int
    scan_queries: int
    threads: int

    def program(self, *path):
        """Finds a program of ours, or fails with what to do."""
        program = self.programs.joinpath(*path)
        if not program.exists():
            raise Failed(f"{program.name} is not built: `make bench` builds it (cargo build --release --bins --examples)")
        return program


def rates_of(name, unit, goal, ours, peer_name, peer, remark=""):
    """Makes a figure from two lists of rates (larger is better), pair by pair."""
    ratio = median([mine / theirs for mine, theirs in zip(ours, peer)])
    return Figure(name, median(ours), unit, peer_name, median(peer), ratio, goal, list(zip(ours, peer)), remark)


def empty_folder(path):
    """Gives an empty folder of that name."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def files_of(folder):
    """Lists the regular files below a folder."""
    return [
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if os.path.isfile(os.path.join(parent, name)) and not os.path.islink(os.path.join(parent, name))
    ]


def warm(paths):
    """Reads files once, so that no program pays for the disk; gives their bytes."""
    total = 0
    for path in paths:
        with open(path, "rb") as file:
            while piece := file.read(MIB):
                total += len(piece)
    return total


# a. Three digests in one pass.


def digests(bench):
    """Files a second of MD5, SHA-1 and SHA-256 in one pass, all processors."""
    hashdeep = bench.peers.of_system("hashdeep", "hashdeep")
    program = bench.program("examples", "digest_folder")
    files = files_of(bench.corpus)
    count = len(files)
    # A file of no bytes has no content to identify: Zeef refuses it, hashdeep lists it.
    empty = sum(os.path.getsize(file) == 0 for file in files)
    mine = lambda: run([program, bench.corpus, str(bench.threads)])
    # hashdeep takes all processors by itself.
    theirs = lambda: run([hashdeep, "-c", "md5,sha1,sha256", "-r", bench.corpus])
    name = f"three digests in one pass, {bench.corpus_name}, {bench.threads} threads"
    if hashdeep is None:
        runs = in_pairs(bench.rounds, mine)[0]
        return [Figure(name, count / median([one.wall_seconds for one in runs]), "files/s", goal="≥ 1.5 × hashdeep")]
    runs, peer_runs = in_pairs(bench.rounds, mine, theirs)
    total = json.loads(runs[0].output)
    listed = sum(line[:1].isdigit() for line in peer_runs[0].output.splitlines())
    if (total["files"], total["refused"], listed) != (count - empty, empty, count):
        raise Failed(f"of {count} files, {empty} empty, Zeef read {total['files']} and hashdeep {listed}")
    rates = lambda runs: [count / one.wall_seconds for one in runs]
    remark = "{:.2f} GB/s a core".format(total["bytes"] / 1e9 / median([one.cpu_seconds for one in runs]))
    return [rates_of(name, "files/s", "≥ 1.5 ×", rates(runs), "hashdeep", rates(peer_runs), remark)]


# b, c, g. Adding the corpus to a case.


class CaseDesk:
    """Makes cases by the command line and adds the corpus to them."""

    def __init__(self, bench):
        self._bench = bench
        self._zeef = bench.program("zeef")
        bench.program("zeef-decode")
        self._folder = empty_folder(bench.work / "cases")
        self._passphrase = self._folder / "passphrase"
        self._passphrase.touch(mode=0o600)
        self._passphrase.write_text("correct horse battery staple\n", encoding="ascii")
        self._who = ["--user", "bench", "--passphrase-file", self._passphrase]

    def add(self, sets):
        """Adds the corpus to a new case; gives the run, the status afterwards, and how long asking for that took.

        That is the time of opening a case, most of it the derivation of the key: a small corpus is loaded in less.
        """
        case = self._folder / "case"
        shutil.rmtree(case, ignore_errors=True)
        new = ["--number", "B-1", "--unit", "bench", "--scheme", "project-vic-us"]
        run([self._zeef, "case", "new", case, *new, *self._who])
        added = run([self._zeef, "case", "add", case, self._bench.corpus, "--sets", sets, *self._who, "--json"], exit_codes=(0, 3))
        status = run([self._zeef, "case", "status", case, "--sets", sets, *self._who, "--json"])
        return added, json.loads(status.output), status.wall_seconds

    def know_most(self, sets):
        """Imports a set that knows nine tenths of the pictures of the case that was made last; tells how many it knows.

        Pictures only: the members of an archive that is known are not looked at, and would be missing.
        """
        listed = run([self._zeef, "case", "list", self._folder / "case", *self._who, "--json"])
        items = [json.loads(line) for line in listed.output.splitlines() if line]
        items = sorted((item for item in items if (item.get("type") or "").startswith("image/")), key=lambda item: item["sha256"])
        known = items[: len(items) * 9 // 10]
        self._import_known(sets, known)
        return len(known)

    def _import_known(self, sets, items):
        path = self._folder / "known.json"
        media = [
            {"MediaID": number, "Category": 1, "MD5": item["md5"], "SHA1": item["sha1"]}
            for number, item in enumerate(items, 1)
        ]
        context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
        path.write_text(json.dumps({"@odata.context": context, "value": media}), encoding="ascii")
        run([self._zeef, "set", "import", path, "--sets", sets, "--name", "known", "--role", "known", "--profile", "US"])


def case_add(bench):
    """First load of the corpus, everything done, beside czkawka and vipsthumbnail; the same when 90 % is known; memory."""
    desk = CaseDesk(bench)
    nothing, most = empty_folder(bench.work / "sets-none"), empty_folder(bench.work / "sets-most")
    known = []

    def nothing_known():
        added = desk.add(nothing)
        if not known:
            known.append(desk.know_most(most))
        return added

    sources = files_of(bench.corpus)
    count = len(sources)
    rounds = bench.rounds if count <= ROUNDS_FILES_MAX else 1
    peers = {}
    czkawka = bench.peers.czkawka()
    if czkawka:
        peers["czkawka_cli image"] = lambda: czkawka_run(bench, czkawka)
    vips = bench.peers.of_system("vipsthumbnail", "libvips-tools")
    if vips:
        peers["vipsthumbnail"] = lambda: vips_run(bench, vips, sources)
    first, fast, *others = in_pairs(rounds, nothing_known, lambda: desk.add(most), *peers.values())
    check_statuses([status for _, status, _ in first], 0)
    check_statuses([status for _, status, _ in fast], known[0])

    rate = lambda added: count / added.wall_seconds
    of = f"{bench.corpus_name}, {bench.threads} threads" + (", one round" if rounds == 1 else "")
    whole = median([added.wall_seconds for added, *_ in first])
    opening = median([seconds for *_, seconds in first + fast])
    first_remark = f"{whole:.1f} s, of which opening the case {opening:.1f} s"
    first_rates = [rate(added) for added, *_ in first]
    figures = []
    name = f"first `case add`, everything done, {of}"
    goals = {"czkawka_cli image": "≥ 1 × (the goal: 2.5 ×)"}
    for (peer_name, _), peer_runs in zip(peers.items(), others):
        rates = [rate(one) for one in peer_runs]
        figures.append(rates_of(name, "files/s", goals.get(peer_name, ""), first_rates, peer_name, rates, first_remark))
    if not peers:
        figures.append(Figure(name, median(first_rates), "files/s", goal="≥ 1 × czkawka", remark=first_remark))
    status = fast[-1][1]
    remark = f"{status['hidden']} of {status['items']} items hidden, {status['known_decoded']} known decoded"
    name = f"`case add`, 90 % of the pictures known, {of}"
    fast_rates = [rate(added) for added, *_ in fast]
    figures.append(rates_of(name, "files/s", "≥ 4 ×", fast_rates, "nothing known", first_rates, remark))
    peak = max(added.peak_bytes for added, *_ in first)
    worker = max(added.worker_peak_bytes for added, *_ in first)
    name = f"`case add`, {bench.corpus_name}: peak memory of"
    figures.append(Figure(f"{name} the main process", peak / MIB, "MiB", goal="≤ 512 MiB at 20,000 photos"))
    figures.append(Figure(f"{name} the largest worker", worker / MIB, "MiB", goal="≤ 1536 MiB"))
    shutil.rmtree(bench.work / "cases", ignore_errors=True)
    return figures


def check_statuses(statuses, known):
    """Fails unless each case has all its items, hides exactly what is known, and has decoded none of that."""
    for status in statuses:
        whole = status["shown"] + status["hidden"] + status["refused"] == status["items"]
        if not whole or status["hidden"] != known or status["known_decoded"] != 0:
            raise Failed(f"a case that should hide {known} items says {status}")


def czkawka_run(bench, czkawka):
    """Runs czkawka over the corpus without its cache, as a first time is, with its smallest hash, of 64 bits like Zeef's."""
    home = empty_folder(bench.work / "home")
    arguments = ["image", "--directories", bench.corpus.resolve(), "--minimal-file-size", "1", "--hash-size", "8"]
    arguments += ["--disable-cache", "-N", "-M", "-W"]
    environment = {"HOME": os.fspath(home), "XDG_CACHE_HOME": os.fspath(home), "XDG_CONFIG_HOME": os.fspath(home)}
    return run([czkawka, *arguments, "--thread-number", str(bench.threads)], environment=environment)


def vips_run(bench, vips, sources):
    """Makes a thumbnail of every file, as many processes at once as Zeef has threads; broken pictures end one with 1."""
    thumbnails = empty_folder(bench.work / "thumbnails")
    names = bench.work / "names"
    names.write_bytes(b"\0".join(os.fsencode(os.path.abspath(source)) for source in sources))
    # After pictures that it could not read it ends with 255, by which xargs would stop at once: so that becomes 1.
    lenient = ["sh", "-c", '"$@" || exit 1', "sh", vips, "--size", "512", "-o", f"{thumbnails}/%s.jpg"]
    arguments = ["-0", "-P", str(bench.threads), "-n", "64", *lenient]
    with open(names, "rb") as stdin:
        # xargs ends with 123 when one of its programs did not end with 0.
        result = run(["xargs", *arguments], stdin=stdin, environment={"VIPS_CONCURRENCY": "1"}, exit_codes=(0, 123))
    shutil.rmtree(thumbnails)
    return result


# d. Exact look-up.


def lookup(bench):
    """Digests a second, found or not, one thread, in batches, beside an indexed table of SQLite; and the time to open."""
    maker, program = bench.program("examples", "synthetic_set"), bench.program("examples", "lookup_rate")
    size = (str(bench.entries), str(SEED))
    sets, queries = empty_folder(bench.work / "sets-lookup"), bench.work / "queries"
    note(f"making a set of {bench.entries:,} entries")
    run([maker, "store", sets, *size])
    run([maker, "queries", *size, queries, str(bench.lookups)])
    table = sqlite_table(bench, maker, size)
    with open(queries, "rb") as file:
        wanted = [query[0] for query in QUERY.iter_unpack(file.read())]
    wanted = wanted[len(wanted) // 2 :]
    mine = lambda: json.loads(run([program, sets, queries]).output)
    peers = {"SQLite, all in one join": lambda: sqlite_join(table, wanted)}
    single = bench.peers.sqlite_lookup()
    if single:
        count = str(min(SINGLE_LOOKUPS_MAX, len(wanted)))
        by_statement = lambda how: json.loads(run([single, table, queries, count, how]).output)
        peers = {
            "SQLite, a statement each": lambda: by_statement("each"),
            "SQLite, a statement each, one transaction": lambda: by_statement("together"),
        } | peers
    ours, *theirs = in_pairs(bench.rounds, mine, *peers.values())
    found, joined = ours[0]["found"], theirs[-1][0]["found"]
    if found != joined or found != ours[0]["answered"]:
        raise Failed(f"Zeef found {found} and {ours[0]['answered']}, SQLite {joined} of {len(wanted)}")
    millions = lambda results, key: [one[key] / 1e6 for one in results]
    of = f"{bench.entries:,} entries, half hits, one thread"
    open_ms = median([one["open_seconds"] for one in ours]) * 1e3
    shutil.rmtree(sets)
    rates = millions(ours, "digests_per_second")
    goals = {"SQLite, a statement each": "≥ 10 million/s, ≥ 50 ×"}
    return [
        rates_of(
            f"exact look-up of a digest, {of}", "million/s", goals.get(name, ""),
            rates, name, millions(results, "digests_per_second"),
        )
        for name, results in zip(peers, theirs)
    ] + [
        Figure(
            f"exact look-up of an item (three digests, hits with set, entry, verdict), {of}",
            median(millions(ours, "items_per_second")), "million/s",
        ),
        Figure(f"opening the set, {bench.entries:,} entries", open_ms, "ms", goal="≤ 50 ms"),
    ]


def sqlite_table(bench, maker, size):
    """Makes SQLite's table of the same digests, and its index, once a size."""
    path = bench.work / f"lookup-{bench.entries}.sqlite"
    if path.exists():
        return path
    _, rows = synthetic_lists(bench, maker, size)
    note("making SQLite's table")
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    database = sqlite3.connect(draft)
    database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE known(md5 BLOB, category INTEGER);")
    with open(rows, encoding="ascii", newline="") as file:
        database.executemany("INSERT INTO known VALUES (?, ?)", ((bytes.fromhex(row[0]), row[2]) for row in csv.reader(file)))
    database.execute("CREATE INDEX known_md5 ON known(md5)")
    database.commit()
    database.close()
    draft.rename(path)
    return path


def sqlite_join(path, wanted):
    """Looks all digests up in one statement, a join, so that no time of any other program counts: the best of SQLite."""
    database = sqlite3.connect(path)
    database.executescript("PRAGMA mmap_size=8589934592; PRAGMA cache_size=-2097152; PRAGMA temp_store=MEMORY;")
    database.execute("CREATE TEMP TABLE wanted(md5 BLOB)")
    database.executemany("INSERT INTO wanted VALUES (?)", ((digest,) for digest in wanted))
    warm([path])
    start = time.thread_time()
    statement = "SELECT count(*), sum(known.category) FROM temp.wanted CROSS JOIN known ON known.md5 = wanted.md5"
    found, _ = database.execute(statement).fetchone()
    seconds = time.thread_time() - start
    database.close()
    return {"found": found, "digests_per_second": len(wanted) / seconds}


def synthetic_lists(bench, maker, size):
    """Makes the synthetic set as VICS 2.0 and as CSV, once a size."""
    vics, rows = bench.work / f"synthetic-{bench.entries}.json", bench.work / f"synthetic-{bench.entries}.csv"
    if not (vics.exists() and rows.exists()):
        note(f"writing {bench.entries:,} entries as VICS and as CSV")
        drafts = [path.with_suffix(".draft-" + path.suffix[1:]) for path in (vics, rows)]
        run([maker, "lists", *size, *drafts])
        for draft, path in zip(drafts, (vics, rows)):
            draft.rename(path)
    return vics, rows


# e. PDQ flat scan.


def scan(bench):
    """Queries a second of the exact PDQ scan, one thread, beside faiss' flat index of the same values."""
    program = bench.program("examples", "scan_rate")
    python = bench.peers.faiss_python()
    size = [str(bench.entries), str(bench.scan_queries), str(SEED), str(RADIUS)]
    mine = lambda: json.loads(run([program, *size]).output)
    portable = lambda: json.loads(run([program, *size, "AVX2"]).output)
    name = f"PDQ flat scan, {bench.entries:,} values, radius {RADIUS}, exact, one core"
    if python is None:
        ours = [one["queries_per_second"] for one in in_pairs(bench.rounds, mine)[0]]
        return [Figure(name, median(ours), "queries/s", goal="≥ 2 × faiss")]
    values = bench.work / "pdq"
    run([program, *size, "--write", values])
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faiss_scan.py")
    theirs = lambda: json.loads(run([python, script, values, size[0], size[1], size[3]]).output)
    ours, narrower, peer = in_pairs(bench.rounds, mine, portable, theirs)
    values.unlink()
    answers = {(one["hits"], one["sum"]) for one in ours + narrower + peer}
    if len(answers) != 1:
        raise Failed(f"the scans do not agree: {answers}")
    rates = lambda results: [one["queries_per_second"] for one in results]
    figures = []
    for results in (ours, narrower):
        kernel = results[0]["kernel"]
        if results is ours or kernel != ours[0]["kernel"]:
            remark = f"{results[0]['hits']} hits, the same"
            figures.append(rates_of(
                f"{name}, {kernel}", "queries/s", "≥ 2 ×", rates(results), "faiss BinaryFlat", rates(peer), remark,
            ))
    return figures


# f. Import.


def set_import(bench):
    """Time and peak memory of a VICS 2.0 import, beside `sqlite3 .import` of the same digests as CSV."""
    zeef, maker = bench.program("zeef"), bench.program("examples", "synthetic_set")
    vics, rows = synthetic_lists(bench, maker, (str(bench.entries), str(SEED)))
    warm([vics, rows])
    sqlite = bench.peers.of_system("sqlite3", "sqlite3")

    def mine():
        sets = empty_folder(bench.work / "sets-import")
        # Nobody is asked about codes 0 and 5: the synthetic set has 1 to 4.
        arguments = ["--sets", sets, "--name", "synthetic", "--role", "known", "--profile", "US"]
        result = run([zeef, "set", "import", vics, *arguments])
        listed = run([zeef, "set", "list", "--sets", sets, "--json"])
        entries = [json.loads(line)["entries"] for line in listed.output.splitlines() if line]
        shutil.rmtree(sets)
        if entries != [bench.entries]:
            raise Failed(f"of {bench.entries} entries the set has {entries}")
        return result

    def theirs():
        path = bench.work / "import.sqlite"
        path.unlink(missing_ok=True)
        statements = ["CREATE TABLE entry(md5 TEXT, sha1 TEXT, category INTEGER, size INTEGER)", ".mode csv", f".import '{rows}' entry"]
        result = run([sqlite, path, *statements])
        path.unlink()
        return result

    of = f"import of a VICS 2.0 set, {bench.entries:,} entries"
    runs, *peer_runs = in_pairs(bench.rounds, mine, *([theirs] if sqlite else []))
    peak = max(one.peak_bytes for one in runs) / MIB
    memory = Figure(f"{of}: peak memory", peak, "MiB", goal="≤ 512 MiB")
    rates = lambda runs: [bench.entries / one.wall_seconds / 1e3 for one in runs]
    if not peer_runs:
        return [Figure(of, median(rates(runs)), "thousand entries/s"), memory]
    remark = f"{vics.stat().st_size / 1e9:.1f} GB of JSON, sorted and indexed; the peer: CSV, no index"
    return [rates_of(of, "thousand entries/s", "beside it", rates(runs), "sqlite3 .import", rates(peer_runs[0]), remark), memory]


# h. Releases: a first install, a day's delta, look-ups meanwhile, compaction.


def releases(bench):
    """First install and delta of a published set, beside hashing and writing its bytes, and beside its digest alone."""
    program = bench.program("examples", "release_rate")
    site = empty_folder(bench.work / "release-site")
    changes = max(bench.entries // 200, 100)
    note(f"making a published set of {bench.entries:,} entries and a delta of {changes:,} changes")
    run([program, "make", site, str(bench.entries), str(changes), str(SEED)])
    parts = sorted(site.glob("*-part-*.parquet"))
    total = warm(parts)
    step = lambda *words: json.loads(run([program, *words]).output)

    def install():
        sets = empty_folder(bench.work / "sets-release")
        return step("install", site, sets)

    def hash_and_write():
        copy = bench.work / "release-copy"
        start = time.monotonic()
        run(["sha256sum", *parts])
        run(["sh", "-c", 'cat "$@" > "$0" && sync "$0"', copy, *parts])
        seconds = time.monotonic() - start
        copy.unlink()
        return seconds

    installs, written = in_pairs(bench.rounds, install, hash_and_write)
    megabytes = lambda seconds: [total / 1e6 / one for one in seconds]
    of = f"{bench.entries:,} entries, {total / 1e6:.0f} MB"
    peak = max(one["peak_mib"] for one in installs)
    figures = [
        rates_of(
            f"first install of a published set, {of}", "MB/s", "≥ 0.33 ×", megabytes([one["seconds"] for one in installs]),
            "sha256sum, and writing the same bytes", megabytes(written),
        ),
        Figure(f"first install, {of}: peak memory", peak, "MiB", goal="≤ 256 MiB"),
    ]
    installed = bench.work / "sets-release"
    before = bench.work / "sets-before"

    def delta():
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(installed, before)
        return step("delta", site, before)

    deltas, digests_alone = in_pairs(bench.rounds, delta, lambda: step("digest", installed))
    rates = lambda results: [bench.entries / one["seconds"] / 1e6 for one in results]
    figures.append(rates_of(
        f"delta of {changes:,} changes: verified, applied, switched", "million rows/s", "≥ 0.67 ×", rates(deltas),
        "recomputing the digest of the set", rates(digests_alone),
    ))
    figures.append(Figure("the delta: peak memory", max(one["peak_mib"] for one in deltas), "MiB", goal="≤ 256 MiB"))
    figures.append(lookups_meanwhile(bench, program, site, installed, before))
    compacted = step("compact", before)
    figures.append(Figure(f"compaction of {of}: peak memory", compacted["peak_mib"], "MiB", goal="≤ 256 MiB at 50 M"))
    for folder in (site, installed, before):
        shutil.rmtree(folder)
    return figures


def lookups_meanwhile(bench, program, site, installed, before):
    """Look-ups a second while a delta is applied beside them, as often as they last, and without that."""
    maker, asker = bench.program("examples", "synthetic_set"), bench.program("examples", "lookup_rate")
    queries = bench.work / "queries-release"
    run([maker, "queries", str(bench.entries), str(SEED), queries, str(bench.lookups)])
    alone = lambda: json.loads(run([asker, installed, queries]).output)

    def meanwhile():
        is_over = threading.Event()

        def apply_again_and_again():
            while not is_over.is_set():
                shutil.rmtree(before, ignore_errors=True)
                shutil.copytree(installed, before)
                run([program, "delta", site, before])

        beside = threading.Thread(target=apply_again_and_again)
        beside.start()
        try:
            return alone()
        finally:
            is_over.set()
            beside.join()

    ours, undisturbed = in_pairs(bench.rounds, meanwhile, alone)
    rates = lambda results: [one["digests_per_second"] / 1e6 for one in results]
    queries.unlink()
    return rates_of(
        "exact look-ups while a delta is applied", "million/s", "≥ 0.8 ×", rates(ours), "the same, alone", rates(undisturbed),
    )


# i. The window, as a WebDriver drives it.


def window(bench):
    """Keys, frames, decisions, memory and start of the real window, on synthetic items and on the photos."""
    root = pathlib.Path(__file__).resolve().parents[2]
    debug = bench.programs.parent / "debug"
    for name in ("zeef-window", "examples/synthetic_case"):
        if not (debug / name).exists():
            raise Failed(f"{name} is not built: cargo build --workspace --bins --examples (a delivered window is never driven)")
    told = bench.work / "window.json"
    told.unlink(missing_ok=True)
    full = bench.entries >= 10_000_000
    environment = os.environ | {
        "ZEEF_FIGURES": str(told), "ZEEF_ITEMS": "1000000" if full else "100000", "ZEEF_MINUTES": "10" if full else "1",
    }
    if bench.corpus is not None:
        environment["ZEEF_CORPUS"] = str(bench.corpus)
    done = subprocess.run(["npm", "run", "--silent", "figures"], cwd=root / "ui", env=environment, stdout=sys.stderr, check=False)
    if not told.exists():
        raise Failed(f"the journey that measures ended with {done.returncode}")
    remark = "debug build: the delivered one is never driven"
    return [Figure(row["name"], row["value"], row["unit"], goal=row["goal"], remark=remark) for row in json.loads(told.read_text())]


ALL = {
    "digests": digests,
    "case-add": case_add,
    "lookup": lookup,
    "scan": scan,
    "import": set_import,
    "releases": releases,
    "window": window,
}
# Those that need the photos.
OF_CORPUS = {"digests", "case-add", "window"}


def measure(bench, names):
    """Measures the named figures one after another; gives them and what could not be measured, with the reason."""
    figures, failed = [], {}
    for name in names:
        note(f"{name}: {ALL[name].__doc__.splitlines()[0]}")
        try:
            figures += ALL[name](bench)
        except Failed as failure:
            failed[name] = str(failure)
            print(f"bench: {name}: {failure}", file=sys.stderr, flush=True)
    return figures, failed
