"""Runs programs and measures them: wall time, processor time, peak memory of the program and of its workers."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

# How often the memory of a running program is looked at. The kernel keeps the peak itself (VmHWM), so that only what a
# program takes in its very last moment can be missed.
SAMPLE_SECONDS = 0.01
# How much of a failed program's last words is shown.
LAST_WORDS_BYTES = 2000


class Failed(Exception):
    """Says that a program could not do its work; the figures that need it are left out, with this reason."""


class Run:
    """Holds what one run of a program took."""

    def __init__(self, wall_seconds, cpu_seconds, peak_bytes, worker_peak_bytes, output):
        self.wall_seconds = wall_seconds
        # Processor time of the program and of the children that it waited for.
        self.cpu_seconds = cpu_seconds
        self.peak_bytes = peak_bytes
        # The largest single descendant; 0 where there was none.
        self.worker_peak_bytes = worker_peak_bytes
        self.output = output


def run(arguments, *, stdin=None, environment=None, exit_codes=(0,)):
    """Runs a program to its end and measures it. Fails when it ends with another code than those given."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        try:
            process = subprocess.Popen(
                [os.fspath(part) for part in arguments],
                stdin=stdin if stdin is not None else subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={**os.environ, **(environment or {})},
            )
        except OSError as error:
            raise Failed(f"{arguments[0]}: {error.strerror}") from error
        watch = MemoryWatch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.monotonic() - start
        watch.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode not in exit_codes:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - LAST_WORDS_BYTES))
            words = errors.read().decode(errors="replace").strip()
            raise Failed(f"{os.path.basename(arguments[0])} ended with {process.returncode}: {words}")
        cpu_seconds = usage.ru_utime + usage.ru_stime
        return Run(wall_seconds, cpu_seconds, watch.peak_bytes, watch.worker_peak_bytes, output.read().decode(errors="replace"))


class MemoryWatch:
    """Follows the peak memory of a process and of everything that it starts."""

    def __init__(self, pid):
        self.peak_bytes = 0
        self.worker_peak_bytes = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def stop(self):
        """Ends the watch; its figures are final afterwards."""
        self._ended.set()
        self._thread.join()

    def _follow(self):
        while True:
            self.peak_bytes = max(self.peak_bytes, peak_of(self._pid))
            for worker in descendants(self._pid):
                self.worker_peak_bytes = max(self.worker_peak_bytes, peak_of(worker))
            if self._ended.wait(SAMPLE_SECONDS):
                return


def peak_of(pid):
    """Tells the peak resident memory of a process in bytes, 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def descendants(pid):
    """Lists the processes that a process has started, and theirs."""
    found = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        try:
            tasks = os.listdir(f"/proc/{parent}/task")
        except OSError:
            continue
        for task in tasks:
            try:
                with open(f"/proc/{parent}/task/{task}/children", encoding="ascii") as children:
                    pids = [int(child) for child in children.read().split()]
            except (OSError, ValueError):
                continue
            found += pids
            waiting += pids
    return found


def in_pairs(rounds, ours, *peers):
    """Runs ours and each peer by turns, `rounds` times: A B A B. Gives one list of results for each."""
    results = [[] for _ in range(1 + len(peers))]
    for _ in range(rounds):
        for kept, measure in zip(results, (ours, *peers)):
            kept.append(measure())
    return results


def median(values):
    """Gives the median."""
    return statistics.median(values)


def note(text):
    """Tells a person what is going on, beside the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
