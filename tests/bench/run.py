#!/usr/bin/env python3
"""Measures Zeef beside its peers: `make bench`, or `tests/bench/run.py [--quick] [--corpus DIR] [FIGURE...]`.

Ours and the peer run by turns, in the same minutes on the same files, several rounds; what counts is the median of the
ratios. Prints a table and writes bench.json into the target folder. No time is ever asserted: a figure that misses its
goal is printed like any other. The exit code is 1 when something could not be measured at all for a reason other than a
missing peer.

The photo corpus is a folder that --corpus or ZEEF_CORPUS names; without one, the media of `zeef demo` stand in, and every
figure's name says so. Needs Python 3.11 and nothing else; the peers are listed in peers.py.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict

# The checkout stays as it is: no compiled files beside the sources.
sys.dont_write_bytecode = True

import figures  # noqa: E402
from measuring import Failed, note, run  # noqa: E402
from peers import Peers  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Instructions that the figures depend on, as Linux and as people call them.
INSTRUCTIONS = {"avx2": "AVX2", "avx512_vpopcntdq": "AVX-512 VPOPCNTDQ", "sha_ni": "SHA"}
# Of a larger corpus, --quick takes this many files.
QUICK_FILES = 300
SIZES = {
    "full": {"rounds": 3, "entries": 10_000_000, "lookups": 4_000_000, "scan_queries": 256},
    "quick": {"rounds": 3, "entries": 1_000_000, "lookups": 1_000_000, "scan_queries": 256},
}


def main():
    """Measures, prints, writes."""
    arguments = read_arguments()
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
    work = (arguments.work or target / "bench").resolve()
    work.mkdir(parents=True, exist_ok=True)
    programs = target / "release"
    peers = Peers(target / "peers", may_install=not arguments.no_install)
    scale = "quick" if arguments.quick else "full"
    sizes = SIZES[scale] | ({"rounds": arguments.rounds} if arguments.rounds else {})
    failed = {}
    wanted = arguments.figure or list(figures.ALL)
    corpus, corpus_name = None, ""
    if figures.OF_CORPUS.intersection(wanted):
        try:
            corpus, corpus_name = find_corpus(arguments, work, programs)
            note(f"corpus: {corpus_name}, {figures.warm(figures.files_of(corpus)) / 1e6:.0f} MB")
        except Failed as failure:
            failed |= {name: f"no corpus: {failure}" for name in wanted if name in figures.OF_CORPUS}
            wanted = [name for name in wanted if name not in failed]
    threads = os.cpu_count() or 1
    bench = figures.Bench(programs, work, corpus, corpus_name, peers, threads=threads, **sizes)
    rows, not_measured = figures.measure(bench, wanted)
    failed |= not_measured
    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "commit": commit(),
        "scale": scale,
        "sizes": sizes,
        "corpus": corpus_name,
        "figures": [asdict(row) for row in rows],
        "missing_peers": peers.missing,
        "not_measured": failed,
    }
    path = target / "bench.json"
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print_report(report, rows)
    return 1 if failed else 0


def read_arguments():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1 million entries and at most %d files" % QUICK_FILES)
    parser.add_argument("--corpus", type=pathlib.Path, help="folder of photos; default: ZEEF_CORPUS, else the media of `zeef demo`")
    parser.add_argument("--rounds", type=int, help="how often ours and the peer take turns")
    parser.add_argument("--work", type=pathlib.Path, help="folder for what is made; default: bench in the target folder")
    parser.add_argument("--no-install", action="store_true", help="never install a peer, only tell how")
    parser.add_argument("figure", nargs="*", help="only these: " + ", ".join(figures.ALL))
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.figure if name not in figures.ALL]:
        parser.error(f"no such figure: {', '.join(unknown)}")
    return arguments


def find_corpus(arguments, work, programs):
    """Gives the folder of photos and the name that the figures bear."""
    named = arguments.corpus or os.environ.get("ZEEF_CORPUS")
    if named:
        corpus, kind = pathlib.Path(named), "photos"
        if not corpus.is_dir():
            raise Failed(f"{corpus} is no folder")
    else:
        corpus, kind = demo_media(work, programs), "files of the demonstration"
    files = sorted(figures.files_of(corpus))
    if not files:
        raise Failed(f"{corpus} holds no files")
    if arguments.quick and len(files) > QUICK_FILES:
        corpus, files = copy_some(corpus, files, figures.empty_folder(work / "corpus"))
    return corpus, f"{len(files):,} {kind}"


def demo_media(work, programs):
    """Lets `zeef demo` draw pictures."""
    zeef = programs / "zeef"
    demo = work / "demo"
    if not (demo / "media").is_dir():
        shutil.rmtree(demo, ignore_errors=True)
        note("no --corpus and no ZEEF_CORPUS: drawing the demonstration's media")
        run([zeef, "demo", demo])
    return demo / "media"


def copy_some(corpus, files, target):
    """Copies files spread evenly over the corpus, so that its make-up stays."""
    chosen = [files[number * len(files) // QUICK_FILES] for number in range(QUICK_FILES)]
    for file in chosen:
        copy = target / os.path.relpath(file, corpus)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    return target, chosen


def machine():
    """Tells what the figures were measured on."""
    names, flags = set(), set()
    memory = 0
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() == "model name":
                    names.add(value.strip())
                elif key.strip() == "flags":
                    flags.update(value.split())
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        pass
    return {
        "processor": ", ".join(sorted(names)) or platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "instructions": [name for flag, name in INSTRUCTIONS.items() if flag in flags],
        "memory_bytes": memory,
        "system": f"{platform.system()} {platform.release()}",
        "load_at_end": os.getloadavg()[0],
    }


def commit():
    """Tells the commit of the source, if this is a checkout."""
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def print_report(report, rows):
    """Prints the table as Markdown, which is how the README shows it."""
    where = report["machine"]
    instructions = ", ".join(where["instructions"]) or "no special instructions"
    print(
        f"Measured on {report['date'][:10]}: {where['processor']}, {where['processors']} processors ({instructions}), "
        f"{where['memory_bytes'] / (1 << 30):.0f} GiB, {where['system']}, load {where['load_at_end']:.1f}; "
        f"commit {report['commit'] or 'unknown'}, {report['scale']}, median of {report['sizes']['rounds']} rounds.\n"
    )
    print("| figure | Zeef | peer | ratio | goal |\n|---|---:|---:|---:|---|")
    for row in rows:
        name = f"{row.name} ({row.remark})" if row.remark else row.name
        peer = f"{row.peer_name}: {number(row.peer)} {row.unit}" if row.peer is not None else ""
        ratio = f"**{number(row.ratio)} ×**" if row.ratio is not None else ""
        print(f"| {name} | {number(row.ours)} {row.unit} | {peer} | {ratio} | {row.goal} |")
    for name, how in report["missing_peers"].items():
        print(f"\npeer missing: {name}. Install it: {how}")
    for name, why in report["not_measured"].items():
        print(f"\nnot measured: {name}: {why}")


def number(value):
    """Spells a number with three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
