"""Measures faiss' exact flat scan of 256-bit values on one thread: `faiss_scan.py FILE ROWS QUERIES RADIUS`.

FILE is what the example `scan_rate` writes: the rows, then the queries. Prints the same JSON object as `scan_rate`, so that
the answers can be compared. faiss answers in two ways: everything within a radius, which is what Zeef answers, and the 16
nearest, which is faster in faiss; the speed of the faster one counts, both are told. The only file here that needs
packages (numpy, faiss); it runs in the peers' own Python.
"""

import json
import sys
import time

import faiss
import numpy

# As many as Zeef shows of one picture.
NEAREST = 16


def timed(work):
    """Gives what the work gave, and the seconds that the processor spent in this thread."""
    start = time.thread_time()
    result = work()
    return result, time.thread_time() - start


def main():
    """Loads, scans in both ways, prints."""
    path, row_count, query_count, radius = sys.argv[1], *map(int, sys.argv[2:5])
    values = numpy.fromfile(path, dtype=numpy.uint8).reshape(row_count + query_count, 32)
    queries = values[row_count:].copy()
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(256)
    index.add(values[:row_count])
    del values
    # faiss counts what is nearer than its radius; Zeef what is at most as far.
    (limits, distances, rows), range_seconds = timed(lambda: index.range_search(queries, radius + 1))
    _, nearest_seconds = timed(lambda: index.search(queries, NEAREST))
    query_of_hit = numpy.repeat(numpy.arange(query_count), numpy.diff(limits.astype(numpy.int64)))
    seconds = min(range_seconds, nearest_seconds)
    print(json.dumps({
        "kernel": f"faiss {faiss.__version__}",
        "seconds": seconds,
        "queries_per_second": query_count / seconds,
        "range_queries_per_second": query_count / range_seconds,
        "nearest_queries_per_second": query_count / nearest_seconds,
        "hits": len(rows),
        "sum": int(query_of_hit.sum()) + int(rows.sum()) + int(distances.sum()),
    }))


main()
