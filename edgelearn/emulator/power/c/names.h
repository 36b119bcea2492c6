/* Where a file is: open that creates, rename, link, unlink, folders. */
static int opened(int at, const char *name, int flags, mode_t mode) {
    struct stat before, is;
    char path[PATH_MAX];
    int anonymous = (flags & O_TMPFILE) == O_TMPFILE;
    pthread_once(&once, start);
    if (!folder_length || !(flags & (O_CREAT | O_TRUNC) || anonymous))
        return real_openat(at, name, flags, mode);
    int existed = !fstatat(at, name, &before, 0);
    if (existed && !S_ISREG(before.st_mode) && !anonymous)
        return real_openat(at, name, flags, mode); /* a pipe may wait here for its other end */
    enter();
    existed = !fstatat(at, name, &before, 0);
    int file = real_openat(at, name, flags, mode), error = errno;
    if (file >= 0 && watched(file, &is, path)) {
        if (anonymous || !existed)
            record(CREATE, FILE_NODE, is.st_ino, 0, anonymous ? "" : path, "", NULL, 0);
        else if (flags & O_TRUNC && before.st_size)
            record(TRUNCATE, 0, is.st_ino, 0, path, "", NULL, 0);
    }
    leave(error);
    return file;
}

#define MODE(flags, last)                                           \
    mode_t mode = 0;                                                \
    if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) {  \
        va_list list;                                               \
        va_start(list, last);                                       \
        mode = (mode_t)va_arg(list, unsigned);                      \
        va_end(list);                                               \
    }

int open(const char *name, int flags, ...) {
    MODE(flags, flags)
    return opened(AT_FDCWD, name, flags, mode);
}
int openat(int at, const char *name, int flags, ...) {
    MODE(flags, flags)
    return opened(at, name, flags, mode);
}
int creat(const char *name, mode_t mode) { return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int __open_2(const char *name, int flags) { return opened(AT_FDCWD, name, flags, 0); }
int __openat_2(int at, const char *name, int flags) { return opened(at, name, flags, 0); }
#undef open64
#undef openat64
#undef creat64
ALSO(open64, open)
ALSO(openat64, openat)
ALSO(creat64, creat)
ALSO(__open64_2, __open_2)
ALSO(__openat64_2, __openat_2)

int mkstemp(char *name) {
    REAL(mkstemp);
    struct stat is;
    char path[PATH_MAX];
    int file = real(name), error = errno;
    if (watched(file, &is, path)) { /* nobody else knows the name yet: a record after the fact is in order */
        enter();
        record(CREATE, FILE_NODE, is.st_ino, 0, path, "", NULL, 0);
        leave(error);
    }
    return file;
}
#undef mkstemp64
ALSO(mkstemp64, mkstemp)

/* ---- rename ---- */

/* Something came from outside of the folder: what it holds, none of it durable as far as is known. */
static void moved_in(const char *name, int at, const char *path) {
    struct stat is;
    if (fstatat(at, name, &is, AT_SYMLINK_NOFOLLOW))
        return;
    if (!S_ISREG(is.st_mode)) {
        record(UNSEEN, 0, is.st_ino, 0, path, "a folder or link moved in", NULL, 0);
        return;
    }
    record(CREATE, FILE_NODE, is.st_ino, 0, path, "", NULL, 0);
    int file = real_openat(at, name, O_RDONLY | O_CLOEXEC, 0);
    if (file >= 0) {
        read_back(file, &is, path, 0, (size_t)is.st_size);
        close(file);
    }
}

static int renamed(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    REAL(renameat);
    char old[PATH_MAX], new[PATH_MAX];
    int had = place(from_at, from, old), gets = place(to_at, to, new);
    if (had || gets)
        enter();
    int result;
    if (flags) {
        static int (*real2)(int, const char *, int, const char *, unsigned);
        if (!real2)
            real2 = (int (*)(int, const char *, int, const char *, unsigned))next("renameat2");
        result = real2(from_at, from, to_at, to, flags);
    } else
        result = real(from_at, from, to_at, to);
    int error = errno;
    if (!had && !gets)
        return result;
    if (!result) {
        if (had && gets)
            record(flags & 2 ? EXCHANGE : RENAME, 0, 0, 0, old, new, NULL, 0);
        else if (flags & 2)
            record(UNSEEN, 0, 0, 0, had ? old : new, "an exchange with what lies outside", NULL, 0);
        else if (had)
            record(REMOVE, 0, 0, 0, old, "", NULL, 0);
        else
            moved_in(to, to_at, new);
    }
    leave(error);
    return result;
}

int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_at, const char *from, int to_at, const char *to) { return renamed(from_at, from, to_at, to, 0); }
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    return renamed(from_at, from, to_at, to, flags);
}

/* ---- other changes of one name ---- */

#define NAMING(call, at, name, done)             \
    char path[PATH_MAX];                         \
    if (!place(at, name, path))                  \
        return call;                             \
    enter();                                     \
    int result = call, error = errno;            \
    if (!result) {                               \
        done;                                    \
    }                                            \
    leave(error);                                \
    return result;

static void made(int at, const char *name, const char *path, enum kind kind, int node, const char *target) {
    struct stat is;
    if (!fstatat(at, name, &is, AT_SYMLINK_NOFOLLOW))
        record(kind, node, is.st_ino, 0, path, target, NULL, 0);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    REAL(linkat);
    NAMING(real(from_at, from, to_at, to, flags), to_at, to, made(to_at, to, path, LINK, 0, ""))
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int symlinkat(const char *target, int at, const char *name) {
    REAL(symlinkat);
    NAMING(real(target, at, name), at, name, made(at, name, path, CREATE, LINK_NODE, target))
}
int symlink(const char *target, const char *name) { return symlinkat(target, AT_FDCWD, name); }
int mkdirat(int at, const char *name, mode_t mode) {
    REAL(mkdirat);
    NAMING(real(at, name, mode), at, name, made(at, name, path, CREATE, FOLDER_NODE, ""))
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }
int unlinkat(int at, const char *name, int flags) {
    REAL(unlinkat);
    NAMING(real(at, name, flags), at, name, record(REMOVE, 0, 0, 0, path, "", NULL, 0))
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }
int remove(const char *name) {
    int result = unlink(name);
    return result && (errno == EISDIR || errno == EPERM) ? rmdir(name) : result;
}
