/* What is in a file: write and its kin, truncate, allocate, copies inside the kernel, mappings. */
/* Of linux/fs.h; older libcs have neither these words nor the call. */
enum { DSYNC = 2, FULL_SYNC = 4, APPEND = 16 };
ssize_t pwritev2(int file, const struct iovec *parts, int count, off_t offset, int flags);

enum { FOLLOW = -1 }; /* the offset of a write where the descriptor stands */

static void written(int file, const struct stat *was, const char *path, const struct iovec *parts, ssize_t size,
                    off_t offset, int flags) {
    struct stat is;
    int mode = fcntl(file, F_GETFL);
    if (offset == FOLLOW)
        offset = lseek(file, 0, SEEK_CUR) - size;
    else if ((mode & O_APPEND || flags & APPEND) && !fstat(file, &is))
        offset = is.st_size - size; /* Linux appends, whatever offset was asked for */
    int durable = (mode & O_DSYNC || flags & (DSYNC | FULL_SYNC)) ? DURABLE : 0;
    record(WRITE, durable, was->st_ino, offset, path, "", parts, (size_t)size);
}

#define WRITING(call, parts, offset, flags)                         \
    struct stat is;                                                 \
    char path[PATH_MAX];                                            \
    if (!watched(file, &is, path))                                  \
        return call;                                                \
    enter();                                                        \
    ssize_t size = call;                                            \
    int error = errno;                                              \
    if (size > 0)                                                   \
        written(file, &is, path, parts, size, offset, flags);       \
    leave(error);                                                   \
    return size;

ssize_t write(int file, const void *data, size_t count) {
    struct iovec part = {(void *)data, count};
    WRITING(real_write(file, data, count), &part, FOLLOW, 0)
}
ssize_t pwrite(int file, const void *data, size_t count, off_t offset) {
    REAL(pwrite);
    struct iovec part = {(void *)data, count};
    WRITING(real(file, data, count, offset), &part, offset, 0)
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(writev);
    WRITING(real(file, parts, count), parts, FOLLOW, 0)
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    REAL(pwritev);
    WRITING(real(file, parts, count, offset), parts, offset, 0)
}
ssize_t pwritev2(int file, const struct iovec *parts, int count, off_t offset, int flags) {
    REAL(pwritev2);
    WRITING(real(file, parts, count, offset, flags), parts, offset, flags)
}
#undef pwrite64
#undef pwritev64
#undef pwritev64v2
ALSO(pwrite64, pwrite)
ALSO(pwritev64, pwritev)
ALSO(pwritev64v2, pwritev2)

/* Record what lies in a part of a file now: the kernel put it there itself. */
static void read_back(int file, const struct stat *is, const char *path, off_t offset, size_t size) {
    char link[40];
    struct iovec part = {malloc(size ? size : 1), 0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    int again = real_openat(AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0);
    ssize_t found = 1;
    while (part.iov_base && again >= 0 && found > 0 && part.iov_len < size) {
        found = pread(again, (char *)part.iov_base + part.iov_len, size - part.iov_len, offset + (off_t)part.iov_len);
        part.iov_len += found > 0 ? (size_t)found : 0;
    }
    if (again >= 0)
        close(again);
    if (part.iov_len)
        record(WRITE, 0, is->st_ino, offset, path, "", &part, part.iov_len);
    free(part.iov_base);
}

#define COPYING(call, offset_pointer)                                                   \
    struct stat is;                                                                     \
    char path[PATH_MAX];                                                                \
    if (!watched(file, &is, path))                                                      \
        return call;                                                                    \
    enter();                                                                            \
    off_t *moving = (offset_pointer), at = moving ? *moving : 0;                        \
    ssize_t size = call;                                                                \
    int error = errno;                                                                  \
    if (size > 0)                                                                       \
        read_back(file, &is, path, moving ? at : lseek(file, 0, SEEK_CUR) - size, (size_t)size); \
    leave(error);                                                                       \
    return size;

ssize_t sendfile(int file, int from, off_t *where, size_t count) {
    REAL(sendfile);
    COPYING(real(file, from, where, count), NULL)
}
ssize_t copy_file_range(int from, off_t *where, int file, off_t *to, size_t count, unsigned flags) {
    REAL(copy_file_range);
    COPYING(real(from, where, file, to, count, flags), to)
}
ssize_t splice(int from, off_t *where, int file, off_t *to, size_t count, unsigned flags) {
    REAL(splice);
    COPYING(real(from, where, file, to, count, flags), to)
}
#undef sendfile64
ALSO(sendfile64, sendfile)

/* ---- lengths ---- */

static int resized(int file, int result, int error, int returned_error) {
    struct stat is;
    char path[PATH_MAX];
    if ((returned_error ? result == 0 : result >= 0) && watched(file, &is, path))
        record(TRUNCATE, 0, is.st_ino, is.st_size, path, "", NULL, 0);
    leave(error);
    return result;
}

int ftruncate(int file, off_t length) {
    REAL(ftruncate);
    struct stat is;
    char path[PATH_MAX];
    if (!watched(file, &is, path))
        return real(file, length);
    enter();
    int result = real(file, length), error = errno;
    return resized(file, result, error, 0);
}

int truncate(const char *name, off_t length) {
    int file = real_openat(AT_FDCWD, name, O_WRONLY | O_CLOEXEC, 0);
    if (file < 0)
        return -1;
    int result = ftruncate(file, length), error = errno;
    close(file);
    errno = error;
    return result;
}

int posix_fallocate(int file, off_t offset, off_t length) {
    REAL(posix_fallocate);
    struct stat is;
    char path[PATH_MAX];
    if (!watched(file, &is, path))
        return real(file, offset, length);
    enter();
    int result = real(file, offset, length), error = errno;
    return resized(file, result, error, 1);
}

enum { PUNCH_HOLE = 2, ZERO_RANGE = 16 }; /* of linux/falloc.h, which not every libc brings */

int fallocate(int file, int mode, off_t offset, off_t length) {
    REAL(fallocate);
    struct stat was;
    char path[PATH_MAX];
    if (!watched(file, &was, path))
        return real(file, mode, offset, length);
    enter();
    int result = real(file, mode, offset, length), error = errno;
    if (!result && mode & (PUNCH_HOLE | ZERO_RANGE))
        read_back(file, &was, path, offset, (size_t)length);
    return resized(file, result, error, 0);
}
#undef ftruncate64
#undef truncate64
#undef posix_fallocate64
#undef fallocate64
ALSO(ftruncate64, ftruncate)
ALSO(truncate64, truncate)
ALSO(posix_fallocate64, posix_fallocate)
ALSO(fallocate64, fallocate)

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    REAL(mmap);
    struct stat is;
    char path[PATH_MAX];
    void *result = real(address, length, protection, flags, file, offset);
    /* MAP_SHARED_VALIDATE has the bit of MAP_SHARED too. */
    if (file < 0 || result == MAP_FAILED || !(flags & MAP_SHARED) || !(protection & PROT_WRITE) ||
        !watched(file, &is, path))
        return result;
    enter();
    record(UNSEEN, 0, is.st_ino, 0, path, "a shared mapping", NULL, 0);
    leave(0);
    return result;
}
#undef mmap64
ALSO(mmap64, mmap)
