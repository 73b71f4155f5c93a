/* Measures look-ups in SQLite's indexed table as a program makes them: sqlite_lookup DATABASE QUERIES COUNT HOW.
 *
 * One prepared statement, bound, stepped and reset for each MD5 of COUNT items after the middle of QUERIES (see the example
 * synthetic_set). HOW is "each": every statement by itself, as a program asks that looks a file up when it comes to it;
 * or "together": all in one transaction, so that the table is locked once. As many items before the middle are looked up
 * first, so that pages and caches are as warm as Zeef's. Prints one JSON object; processor time of this thread.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

enum { QUERY_BYTES = 76, MD5_BYTES = 16 };

static void fail(const char *what) {
    fprintf(stderr, "sqlite_lookup: %s\n", what);
    exit(1);
}

static double thread_seconds(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) fail("no clock");
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Looks up the items from `first` up to `end`, and counts those that the table has. */
static long look_up(sqlite3_stmt *statement, const unsigned char *items, long first, long end) {
    long found = 0;
    for (long number = first; number < end; number++) {
        if (sqlite3_bind_blob(statement, 1, items + number * QUERY_BYTES, MD5_BYTES, SQLITE_STATIC) != SQLITE_OK) fail("bind");
        int answer = sqlite3_step(statement);
        if (answer == SQLITE_ROW) found += sqlite3_column_int(statement, 0) > 0;
        else if (answer != SQLITE_DONE) fail("step");
        sqlite3_reset(statement);
    }
    return found;
}

int main(int count, char **arguments) {
    if (count != 5) fail("usage: sqlite_lookup DATABASE QUERIES COUNT each|together");
    long wanted = atol(arguments[3]);
    FILE *file = fopen(arguments[2], "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) fail("no queries");
    long bytes = ftell(file), queries = bytes / QUERY_BYTES;
    rewind(file);
    unsigned char *items = bytes > 0 ? malloc((size_t)bytes) : NULL;
    if (!items || fread(items, 1, (size_t)bytes, file) != (size_t)bytes) fail("the queries cannot be read");
    fclose(file);
    if (wanted < 1 || wanted > queries / 2) fail("there are not so many queries");

    sqlite3 *database;
    sqlite3_stmt *statement;
    if (sqlite3_open_v2(arguments[1], &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) fail("no database");
    sqlite3_exec(database, "PRAGMA mmap_size=8589934592; PRAGMA cache_size=-2097152;", NULL, NULL, NULL);
    const char *text = "SELECT category FROM known WHERE md5 = ?";
    if (sqlite3_prepare_v2(database, text, -1, &statement, NULL) != SQLITE_OK) fail(sqlite3_errmsg(database));

    if (strcmp(arguments[4], "together") == 0) sqlite3_exec(database, "BEGIN", NULL, NULL, NULL);

    look_up(statement, items, queries / 2 - wanted, queries / 2);
    double start = thread_seconds();
    long found = look_up(statement, items, queries / 2, queries / 2 + wanted);
    double seconds = thread_seconds() - start;
    printf("{\"sqlite\":\"%s\",\"found\":%ld,\"digests_per_second\":%.1f}\n", sqlite3_libversion(), found,
           (double)wanted / seconds);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    free(items);
    return 0;
}
