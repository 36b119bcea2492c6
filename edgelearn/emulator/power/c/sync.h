/* What makes durable. sync_file_range is left out on purpose: it promises nothing after a power cut. */

#define SYNCING(name)                                                        \
    int name(int file) {                                                     \
        REAL(name);                                                          \
        struct stat is;                                                      \
        char path[PATH_MAX];                                                 \
        if (!watched(file, &is, path))                                       \
            return real(file);                                               \
        enter();                                                             \
        int result = real(file), error = errno;                              \
        if (!result)                                                         \
            record(SYNC, 0, is.st_ino, 0, path, "", NULL, 0);                \
        leave(error);                                                        \
        return result;                                                       \
    }

SYNCING(fsync)
SYNCING(fdatasync)

int syncfs(int file) {
    REAL(syncfs);
    struct stat is;
    char path[PATH_MAX];
    if (!watched(file, &is, path))
        return real(file);
    enter();
    int result = real(file), error = errno;
    if (!result)
        record(SYNC_ALL, 0, 0, 0, "", "", NULL, 0);
    leave(error);
    return result;
}

void sync(void) {
    REAL(sync);
    pthread_once(&once, start);
    if (!folder_length) {
        real();
        return;
    }
    enter();
    real();
    record(SYNC_ALL, 0, 0, 0, "", "", NULL, 0);
    leave(errno);
}
