/* What a program does to its files, seen and slowed from outside: loaded into it by LD_PRELOAD.
 *
 * DISK_DELAY_MS: every fsync and fdatasync takes so many milliseconds longer, as on a slow disk.
 * DISK_TRACED, DISK_TRACE: whatever happens to files whose path starts with DISK_TRACED is appended to a file named
 * by the process in the folder DISK_TRACE, as a `struct record` followed by the path and the data, in this machine's
 * byte order. tests/crash/trace.py reads it. A sync of the folder that the files lie in is a record too.
 *
 * What is written through a mapping (SQLite's -shm, which is made again after a crash) is not seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { WRITTEN = 1, CUT = 2, SYNCED = 3, UNLINKED = 4, FOLDER_SYNCED = 5 };

struct record {
    uint64_t started, ended; /* CLOCK_MONOTONIC, nanoseconds: the same in all processes of the host */
    uint64_t offset;       /* of a file that was cut: its new length */
    uint64_t data_length;
    uint32_t path_length, kind;
};

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1;
static pid_t trace_owner;

/* The function that this library stands in front of; looked up again each time, which costs less than any write. */
#define REAL(result, name, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void fail(const char *why) {
    perror(why);
    abort(); /* a trace with a hole would show nothing */
}

/* This process's trace, opened at its first record: a child made by fork writes its own. */
static int trace_of_process(void) {
    char path[PATH_MAX];
    pthread_mutex_lock(&opening);
    if (trace_owner != getpid()) {
        trace_owner = getpid();
        snprintf(path, sizeof path, "%s/%d", getenv("DISK_TRACE"), (int)trace_owner);
        trace = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (trace < 0) fail("DISK_TRACE");
    }
    pthread_mutex_unlock(&opening);
    return trace;
}

static void record(enum kind kind, const char *path, uint64_t started, uint64_t offset, const void *data, size_t length) {
    struct record one = {.started = started, .ended = now(), .offset = offset, .data_length = length,
                         .path_length = (uint32_t)strlen(path), .kind = kind};
    struct iovec parts[] = {{&one, sizeof one}, {(void *)path, one.path_length}, {(void *)data, length}};
    ssize_t whole = (ssize_t)(sizeof one + one.path_length + length);
    int kept = errno;
    if (writev(trace_of_process(), parts, 3) != whole) fail("the trace cannot be written");
    errno = kept;
}

static int is_traced(const char *path) {
    const char *traced = getenv("DISK_TRACED");
    return traced && getenv("DISK_TRACE") && !strncmp(path, traced, strlen(traced));
}

static int is_folder_of_traced(const char *path) {
    const char *traced = getenv("DISK_TRACED");
    size_t length = strlen(path);
    return traced && getenv("DISK_TRACE") && !strncmp(path, traced, length) && traced[length] == '/';
}

/* The path of an open regular file or folder; 0 for anything else. */
static int path_of(int descriptor, char *path, mode_t *type) {
    char link[64];
    struct stat about;
    int kept = errno;
    ssize_t length = -1;
    if (getenv("DISK_TRACED") && !fstat(descriptor, &about) && (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        length = readlink(link, path, PATH_MAX - 1);
        *type = about.st_mode & S_IFMT;
    }
    errno = kept;
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int traced_file(int descriptor, char *path) {
    mode_t type;
    return path_of(descriptor, path, &type) && type == S_IFREG && is_traced(path);
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
    char path[PATH_MAX];
    uint64_t started = now();
    ssize_t written = REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)(descriptor, data, length, offset);
    if (written > 0 && traced_file(descriptor, path))
        record(WRITTEN, path, started, (uint64_t)offset, data, (size_t)written);
    return written;
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    return pwrite64(descriptor, data, length, offset);
}

ssize_t write(int descriptor, const void *data, size_t length) {
    char path[PATH_MAX];
    uint64_t started = now();
    ssize_t written = REAL(ssize_t, "write", int, const void *, size_t)(descriptor, data, length);
    if (written > 0 && traced_file(descriptor, path)) {
        off64_t end = lseek64(descriptor, 0, SEEK_CUR);
        record(WRITTEN, path, started, (uint64_t)(end - written), data, (size_t)written);
    }
    return written;
}

int ftruncate64(int descriptor, off64_t length) {
    char path[PATH_MAX];
    uint64_t started = now();
    int failed = REAL(int, "ftruncate64", int, off64_t)(descriptor, length);
    if (!failed && traced_file(descriptor, path)) record(CUT, path, started, (uint64_t)length, "", 0);
    return failed;
}

int ftruncate(int descriptor, off_t length) { return ftruncate64(descriptor, length); }

int unlink(const char *name) {
    char path[PATH_MAX];
    int traced = getenv("DISK_TRACED") && realpath(name, path) && is_traced(path);
    uint64_t started = now();
    int failed = REAL(int, "unlink", const char *)(name);
    if (!failed && traced) record(UNLINKED, path, started, 0, "", 0);
    return failed;
}

static void wait_as_requested(void) {
    const char *delay = getenv("DISK_DELAY_MS");
    long milliseconds = delay ? atol(delay) : 0;
    struct timespec left = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    int kept = errno;
    while (milliseconds && nanosleep(&left, &left) && errno == EINTR) continue;
    errno = kept;
}

static int synced(const char *name, int descriptor) {
    char path[PATH_MAX];
    mode_t type;
    uint64_t started = now();
    int failed = REAL(int, name, int)(descriptor);
    wait_as_requested();
    if (failed || !path_of(descriptor, path, &type)) return failed;
    if (type == S_IFREG && is_traced(path)) record(SYNCED, path, started, 0, "", 0);
    if (type == S_IFDIR && is_folder_of_traced(path)) record(FOLDER_SYNCED, path, started, 0, "", 0);
    return failed;
}

int fsync(int descriptor) { return synced("fsync", descriptor); }

int fdatasync(int descriptor) { return synced("fdatasync", descriptor); }
