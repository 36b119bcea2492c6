/* Streams of libc: it writes them out by calls of its own that no library sees. A stream on a watched file is made
 * of our own calls instead (fopencookie); fileno says which descriptor lies under it. */

struct stream {
    FILE *file;
    int under;
    struct stream *next;
};

static struct stream *streams;
static pthread_mutex_t streams_turn = PTHREAD_MUTEX_INITIALIZER;

static ssize_t stream_read(void *cookie, char *data, size_t size) {
    return read(((struct stream *)cookie)->under, data, size);
}

static ssize_t stream_write(void *cookie, const char *data, size_t size) {
    return write(((struct stream *)cookie)->under, data, size);
}

static int stream_seek(void *cookie, off_t *offset, int whence) {
    off_t now = lseek(((struct stream *)cookie)->under, *offset, whence);
    if (now < 0)
        return -1;
    *offset = now;
    return 0;
}

static int stream_close(void *cookie) {
    struct stream *gone = cookie, **at = &streams;
    pthread_mutex_lock(&streams_turn);
    while (*at != gone)
        at = &(*at)->next;
    *at = gone->next;
    pthread_mutex_unlock(&streams_turn);
    int result = close(gone->under);
    free(gone);
    return result;
}

static FILE *stream_on(int under, const char *mode) {
    cookie_io_functions_t calls = {stream_read, stream_write, stream_seek, stream_close};
    struct stream *made = malloc(sizeof *made);
    FILE *file = made ? fopencookie(made, mode, calls) : NULL;
    if (!file) {
        free(made);
        return NULL;
    }
    *made = (struct stream){file, under, NULL};
    pthread_mutex_lock(&streams_turn);
    made->next = streams;
    streams = made;
    pthread_mutex_unlock(&streams_turn);
    if (*mode == 'a')
        fseeko(file, 0, SEEK_END);
    return file;
}

static int mode_flags(const char *mode) {
    int flags = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
    flags |= *mode == 'w' ? O_CREAT | O_TRUNC : *mode == 'a' ? O_CREAT | O_APPEND : 0;
    return flags | (strchr(mode, 'x') ? O_EXCL : 0) | (strchr(mode, 'e') ? O_CLOEXEC : 0);
}

FILE *fdopen(int file, const char *mode) {
    REAL(fdopen);
    struct stat is;
    char path[PATH_MAX];
    if ((*mode == 'r' && !strchr(mode, '+')) || !watched(file, &is, path))
        return real(file, mode);
    if (*mode == 'a')
        fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_APPEND);
    return stream_on(file, mode);
}

FILE *fopen(const char *name, const char *mode) {
    REAL(fopen);
    char path[PATH_MAX];
    if ((*mode == 'r' && !strchr(mode, '+')) || !place(AT_FDCWD, name, path))
        return real(name, mode);
    int file = open(name, mode_flags(mode), 0666);
    FILE *stream = file < 0 ? NULL : fdopen(file, mode);
    if (file >= 0 && !stream)
        close(file);
    return stream;
}
#undef fopen64
ALSO(fopen64, fopen)

int fileno(FILE *file) {
    REAL(fileno);
    int under = -1;
    pthread_mutex_lock(&streams_turn);
    for (struct stream *each = streams; each; each = each->next)
        if (each->file == file)
            under = each->under;
    pthread_mutex_unlock(&streams_turn);
    return under >= 0 ? under : real(file);
}
#undef fileno_unlocked
ALSO(fileno_unlocked, fileno)
