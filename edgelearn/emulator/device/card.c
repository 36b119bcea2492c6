/* The card of an emulated device, for the programs it is preloaded into: counts what is written below one folder, and
 * has no room for more than a quota.
 *
 * EDGELEARN_CARD names the folder, EDGELEARN_CARD_COUNTS a file of one `struct counts` that all processes share.
 * Rule 1: a descriptor belongs to the card if its path, when first seen as this file, is below the folder.
 * Rule 2: `used` only grows; when it reaches the quota the folder is measured anew, so removing files makes room.
 * Not seen: writes through mmap and io_uring, system calls without libc, and stdio other than fwrite.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096
#define SLOTS 64
#define TRUE_ONE(name) static __typeof__(name) *true_##name
#define FIND(name) true_##name = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define add(field, n) __atomic_fetch_add(&counts->field, (uint64_t)(n), __ATOMIC_RELAXED)

struct counts {
    uint64_t quota, used, bytes, pages, calls, refused;
};

struct slot {
    dev_t device;
    ino_t file;
    int inside;
    uint64_t streamed;
};

TRUE_ONE(write);
TRUE_ONE(pwrite64);
TRUE_ONE(writev);
TRUE_ONE(pwritev64);
TRUE_ONE(pwritev64v2);
TRUE_ONE(ftruncate64);
TRUE_ONE(fallocate64);
TRUE_ONE(posix_fallocate64);
TRUE_ONE(sendfile64);
TRUE_ONE(copy_file_range);
TRUE_ONE(fwrite);
TRUE_ONE(fwrite_unlocked);

static struct counts *counts;
static char folder[PATH_MAX];
static size_t folder_length;
static int started;
static __thread struct slot slots[SLOTS];
static __thread uint64_t measured;

__attribute__((constructor)) static void begin(void)
{
    if (started)
        return;
    started = 1;
    FIND(write), FIND(pwrite64), FIND(writev), FIND(pwritev64), FIND(pwritev64v2), FIND(ftruncate64);
    FIND(fallocate64), FIND(posix_fallocate64), FIND(sendfile64), FIND(copy_file_range);
    FIND(fwrite), FIND(fwrite_unlocked);
    const char *place = getenv("EDGELEARN_CARD"), *shared = getenv("EDGELEARN_CARD_COUNTS");
    int fd = place && shared && strlen(place) < sizeof folder ? open(shared, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    strcpy(folder, place);
    folder_length = strlen(folder);
    counts = map == MAP_FAILED ? NULL : map;
}

static int below(int fd)
{
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    return length > (ssize_t)folder_length && !memcmp(path, folder, folder_length) && path[folder_length] == '/';
}

/* The slot of a descriptor of the card, `info` filled; NULL for any other. errno stays. */
static struct slot *on_card(int fd, struct stat *info)
{
    int before = errno;
    begin();
    struct slot *slot = NULL;
    if (counts && fd >= 0 && !fstat(fd, info) && S_ISREG(info->st_mode)) {
        slot = &slots[fd % SLOTS];
        if (slot->file != info->st_ino || slot->device != info->st_dev) {
            slot->inside = below(fd);
            slot->device = info->st_dev;
            slot->file = info->st_ino;
            slot->streamed = 0;
        }
        if (!slot->inside)
            slot = NULL;
    }
    errno = before;
    return slot;
}

static int one_file(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)path, (void)where;
    measured += kind == FTW_F ? (uint64_t)info->st_size : 0;
    return 0;
}

/* How many of `growth` bytes the card still takes. */
static uint64_t room(uint64_t growth)
{
    if (!counts->quota || !growth)
        return growth;
    if (counts->used + growth > counts->quota) {
        measured = 0;
        nftw(folder, one_file, 16, FTW_PHYS);
        counts->used = measured;
    }
    uint64_t left = counts->used < counts->quota ? counts->quota - counts->used : 0;
    growth = growth < left ? growth : left;
    add(used, growth);
    return growth;
}

static ssize_t full(void)
{
    add(refused, 1);
    errno = ENOSPC;
    return -1;
}

static off64_t position(int fd, const struct stat *info)
{
    return fcntl(fd, F_GETFL) & O_APPEND ? info->st_size : lseek64(fd, 0, SEEK_CUR);
}

/* How many of `size` bytes at `at` may be written; -1 with ENOSPC for none. A full card writes what fits first. */
static ssize_t fitting(off64_t at, size_t size, const struct stat *info)
{
    uint64_t end = (uint64_t)at + size, old = (uint64_t)info->st_size;
    uint64_t growth = end > old ? end - old : 0, given = room(growth);
    size_t fits = size - (size_t)(growth - given < size ? growth - given : size);
    return size && !fits ? full() : (ssize_t)fits;
}

static ssize_t counted(off64_t at, ssize_t written)
{
    if (written > 0) {
        add(bytes, written);
        add(pages, (at + written - 1) / PAGE - at / PAGE + 1);
        add(calls, 1);
    }
    return written;
}

ssize_t write(int fd, const void *data, size_t size)
{
    struct stat info;
    if (!on_card(fd, &info))
        return true_write(fd, data, size);
    off64_t at = position(fd, &info);
    ssize_t fits = fitting(at, size, &info);
    return fits < 0 ? -1 : counted(at, true_write(fd, data, (size_t)fits));
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    struct stat info;
    if (!on_card(fd, &info))
        return true_pwrite64(fd, data, size, at);
    ssize_t fits = fitting(at, size, &info);
    return fits < 0 ? -1 : counted(at, true_pwrite64(fd, data, (size_t)fits, at));
}

/* Whether all of `size` bytes fit: for calls that cannot be cut short. */
static int all_fit(off64_t at, size_t size, const struct stat *info)
{
    ssize_t fits = fitting(at, size, info);
    if (fits >= 0 && (size_t)fits < size)
        full();
    return fits >= 0 && (size_t)fits == size;
}

static size_t total(const struct iovec *parts, int n)
{
    size_t size = 0;
    for (int i = 0; i < n; i++)
        size += parts[i].iov_len;
    return size;
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    struct stat info;
    if (!on_card(fd, &info))
        return true_writev(fd, parts, n);
    off64_t at = position(fd, &info);
    return all_fit(at, total(parts, n), &info) ? counted(at, true_writev(fd, parts, n)) : -1;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at)
{
    struct stat info;
    if (!on_card(fd, &info))
        return true_pwritev64(fd, parts, n, at);
    return all_fit(at, total(parts, n), &info) ? counted(at, true_pwritev64(fd, parts, n, at)) : -1;
}

ssize_t pwritev64v2(int fd, const struct iovec *parts, int n, off64_t at, int flags)
{
    struct stat info;
    if (!on_card(fd, &info))
        return true_pwritev64v2(fd, parts, n, at, flags);
    off64_t from = at < 0 ? position(fd, &info) : at;
    return all_fit(from, total(parts, n), &info) ? counted(from, true_pwritev64v2(fd, parts, n, at, flags)) : -1;
}

int ftruncate64(int fd, off64_t size)
{
    struct stat info;
    if (!on_card(fd, &info) || size <= info.st_size)
        return true_ftruncate64(fd, size);
    size_t growth = (size_t)(size - info.st_size);
    if (!all_fit(info.st_size, growth, &info))
        return -1;
    int failed = true_ftruncate64(fd, size);
    if (!failed)
        counted(info.st_size, (ssize_t)growth);
    return failed;
}

int fallocate64(int fd, int mode, off64_t at, off64_t size)
{
    struct stat info;
    if (on_card(fd, &info) && !all_fit(at, (size_t)size, &info))
        return -1;
    return true_fallocate64(fd, mode, at, size);
}

int posix_fallocate64(int fd, off64_t at, off64_t size)
{
    struct stat info;
    int before = errno, fits = !on_card(fd, &info) || all_fit(at, (size_t)size, &info);
    errno = before; /* this call answers with the error itself */
    return fits ? true_posix_fallocate64(fd, at, size) : ENOSPC;
}

/* Callers ask for more than there is: the size that can be copied. */
static size_t available(int in, const off64_t *from, size_t size)
{
    struct stat source;
    if (fstat(in, &source) || !S_ISREG(source.st_mode))
        return size;
    off64_t left = source.st_size - (from ? *from : lseek64(in, 0, SEEK_CUR));
    return left < 0 ? 0 : (uint64_t)left < size ? (size_t)left : size;
}

ssize_t sendfile64(int out, int in, off64_t *from, size_t size)
{
    struct stat info;
    if (!on_card(out, &info))
        return true_sendfile64(out, in, from, size);
    off64_t at = position(out, &info);
    ssize_t fits = fitting(at, available(in, from, size), &info);
    return fits < 0 ? -1 : counted(at, true_sendfile64(out, in, from, (size_t)fits));
}

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned int flags)
{
    struct stat info;
    if (!on_card(out, &info))
        return true_copy_file_range(in, from, out, to, size, flags);
    off64_t at = to ? *to : position(out, &info);
    ssize_t fits = fitting(at, available(in, from, size), &info);
    return fits < 0 ? -1 : counted(at, true_copy_file_range(in, from, out, to, (size_t)fits, flags));
}

static size_t stream(__typeof__(fwrite) *call, const void *data, size_t size, size_t n, FILE *file)
{
    struct stat info;
    struct slot *slot = on_card(fileno(file), &info);
    if (!slot || !size || !n)
        return call(data, size, n, file);
    uint64_t wanted = (uint64_t)size * n;
    if (room(wanted) < wanted) {
        full();
        return 0;
    }
    size_t written = call(data, size, n, file);
    uint64_t end = slot->streamed + written * size;
    add(bytes, written * size);
    add(pages, (end + PAGE - 1) / PAGE - (slot->streamed + PAGE - 1) / PAGE);
    add(calls, 1);
    slot->streamed = end;
    return written;
}

#undef fwrite_unlocked /* a macro of the headers */
size_t fwrite(const void *data, size_t size, size_t n, FILE *file)
{
    begin();
    return stream(true_fwrite, data, size, n, file);
}

size_t fwrite_unlocked(const void *data, size_t size, size_t n, FILE *file)
{
    begin();
    return stream(true_fwrite_unlocked, data, size, n, file);
}

/* Where off_t has 64 bits both names mean one call; a 32-bit program calls the others too, which only count less. Of one
 * body, not one calling the other: a library that was preloaded before this one would catch that call, and hand it back. */
#if __SIZEOF_POINTER__ == 8
#define ALSO(name, of) extern __typeof__(of) name __attribute__((alias(#of)))
ALSO(pwrite, pwrite64);
ALSO(pwritev, pwritev64);
ALSO(pwritev2, pwritev64v2);
ALSO(ftruncate, ftruncate64);
ALSO(fallocate, fallocate64);
ALSO(posix_fallocate, posix_fallocate64);
ALSO(sendfile, sendfile64);
#endif
