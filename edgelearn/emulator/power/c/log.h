/* The log, one writer at a time, and where a descriptor or a name lies. */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

typedef char offsets_have_64_bits[sizeof(off_t) == 8 ? 1 : -1];

enum kind { CREATE = 1, LINK, WRITE, TRUNCATE, SYNC, SYNC_ALL, RENAME, EXCHANGE, REMOVE, UNSEEN };
enum { FILE_NODE = 0, FOLDER_NODE = 1, LINK_NODE = 2 }; /* flags of CREATE */
enum { DURABLE = 1 };                                   /* flags of WRITE */

struct head {
    uint32_t magic;
    uint16_t kind, flags;
    uint64_t inode;
    int64_t offset;
    uint64_t size;
    uint32_t path, other;
};

static const uint32_t MAGIC = 0x57504c45; /* "ELPW" */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char folder[PATH_MAX], log_path[PATH_MAX];
static size_t folder_length; /* 0: nothing is watched */
static int log_file = -1;
static struct stat log_stat;

#define REAL(name)                    \
    static __typeof__(name) *real;    \
    if (!real)                        \
    real = (__typeof__(name) *)next(#name)
#define ALSO(name, of) extern __typeof__(of) name __attribute__((alias(#of)));

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

static int real_openat(int at, const char *path, int flags, mode_t mode) {
    REAL(openat);
    return real(at, path, flags, mode);
}

static ssize_t real_write(int file, const void *data, size_t size) {
    REAL(write);
    return real(file, data, size);
}

static void before_fork(void) { pthread_mutex_lock(&turn); }
static void after_fork(void) { pthread_mutex_unlock(&turn); }

static void open_log(void) {
    int low = real_openat(AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    /* High up, where a program that closes or counts its descriptors hardly looks. */
    log_file = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, 700);
    if (log_file < 0)
        log_file = low;
    else
        close(low);
    if (log_file < 0 || fstat(log_file, &log_stat))
        abort();
}

static void start(void) {
    const char *named = getenv("EDGELEARN_POWER_FOLDER"), *log = getenv("EDGELEARN_POWER_LOG");
    if (!named || !log || strlen(named) >= sizeof folder || strlen(log) >= sizeof log_path)
        return;
    strcpy(folder, named);
    strcpy(log_path, log);
    open_log();
    pthread_atfork(before_fork, after_fork, after_fork);
    folder_length = strlen(folder);
}

/* A lock of the whole log keeps other processes out (it belongs to the process), the mutex other threads. */
static void lock(short type) {
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    while (fcntl(log_file, F_SETLKW, &whole) && errno == EINTR)
        ;
}

static void enter(void) {
    struct stat is;
    pthread_mutex_lock(&turn);
    /* A program may have closed it, and have opened something else there. */
    if (fstat(log_file, &is) || is.st_ino != log_stat.st_ino || is.st_dev != log_stat.st_dev)
        open_log();
    lock(F_WRLCK);
}

static void leave(int error) {
    lock(F_UNLCK);
    pthread_mutex_unlock(&turn);
    errno = error;
}

static void record(enum kind kind, int flags, uint64_t inode, int64_t offset, const char *path, const char *other,
                   const struct iovec *parts, size_t size) {
    struct head head = {MAGIC, (uint16_t)kind, (uint16_t)flags, inode, offset, size,
                        (uint32_t)strlen(path), (uint32_t)strlen(other)};
    size_t total = sizeof head + head.path + head.other + size;
    char *whole = malloc(total), *at = whole;
    if (!whole)
        abort();
    at = (char *)memcpy(at, &head, sizeof head) + sizeof head;
    at = (char *)memcpy(at, path, head.path) + head.path;
    at = (char *)memcpy(at, other, head.other) + head.other;
    for (; size; parts++) {
        size_t part = parts->iov_len < size ? parts->iov_len : size;
        if (part)
            at = (char *)memcpy(at, parts->iov_base, part) + part;
        size -= part;
    }
    if (real_write(log_file, whole, total) != (ssize_t)total)
        abort(); /* a recording with a hole is worse than none */
    free(whole);
}

/* ---- what a descriptor or a name is ---- */

/* Write the path below the folder of what /proc says a descriptor is; return 0 when it lies elsewhere. */
static int below(int file, int deleted, char *path) {
    char link[40], full[PATH_MAX + 16];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, full, sizeof full - 1);
    if (length < (ssize_t)folder_length || memcmp(full, folder, folder_length))
        return 0;
    full[length] = 0;
    if (deleted && length > 10 && !strcmp(full + length - 10, " (deleted)"))
        full[length - 10] = 0;
    if (full[folder_length] && full[folder_length] != '/')
        return 0;
    strcpy(path, full[folder_length] ? full + folder_length + 1 : "");
    return 1;
}

static int watched(int file, struct stat *is, char *path) {
    pthread_once(&once, start);
    if (!folder_length || file < 0)
        return 0;
    int error = errno, yes = !fstat(file, is) && (S_ISREG(is->st_mode) || S_ISDIR(is->st_mode)) &&
                             below(file, is->st_nlink == 0, path);
    errno = error;
    return yes;
}

/* The same for a name, whether anything is there or not: its folder is resolved, its last part is not. */
static int place(int at, const char *name, char *path) {
    char copy[PATH_MAX];
    pthread_once(&once, start);
    size_t length = name ? strlen(name) : 0;
    if (!folder_length || !length || length >= sizeof copy)
        return 0;
    int error = errno, yes = 0;
    memcpy(copy, name, length + 1);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = 0;
    char *slash = strrchr(copy, '/'), *last = slash ? slash + 1 : copy;
    char base[NAME_MAX + 2];
    snprintf(base, sizeof base, "%s", last);
    if (slash)
        slash[slash == copy] = 0;
    int parent = real_openat(at, slash ? copy : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (parent >= 0) {
        yes = below(parent, 0, path) && strlen(path) + strlen(base) + 2 < PATH_MAX;
        close(parent);
    }
    if (yes)
        strcat(strcat(path, *path ? "/" : ""), base);
    errno = error;
    return yes;
}
