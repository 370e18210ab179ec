/* A layer between a process and the C library that makes a disk full: from the N-th change of a file below a folder on,
 * every further one fails with ENOSPC, in this process and those that it starts. Used by benchmarks/full_disk.py.
 *
 * FULL_DISK_BELOW: the folder. FULL_DISK_COUNT: a file of eight bytes in which changes are counted; it lies elsewhere.
 * FULL_DISK_FROM: N; 0 counts and fails nothing. What frees or moves (unlink, rename) goes through, as on a full disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic uint64_t *count;
static uint64_t from;
static char below[PATH_MAX];
static size_t length;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FULL_DISK_COUNT"), *folder = getenv("FULL_DISK_BELOW"), *number = getenv("FULL_DISK_FROM");
    if (!file || !folder || !number || !realpath(folder, below)) return;
    length = strlen(below);
    from = strtoull(number, NULL, 10);
    int fd = open(file, O_RDWR);
    if (fd < 0) return;
    void *map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) count = map;
}

static int full(int fd) {
    char link[64], path[PATH_MAX];
    struct stat about;
    if (!count || fstat(fd, &about) || !S_ISREG(about.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0 || (size_t)n <= length || strncmp(path, below, length) || path[length] != '/') return 0;
    uint64_t now = ++*count;
    if (!from || now < from) return 0;
    errno = ENOSPC;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) { return full(fd) ? -1 : REAL(write)(fd, data, size); }
#define PWRITE(name, offset) \
    ssize_t name(int fd, const void *data, size_t size, offset at) { \
        return full(fd) ? -1 : REAL(name)(fd, data, size, at); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
ssize_t writev(int fd, const struct iovec *data, int size) { return full(fd) ? -1 : REAL(writev)(fd, data, size); }
ssize_t pwritev(int fd, const struct iovec *data, int size, off_t at) {
    return full(fd) ? -1 : REAL(pwritev)(fd, data, size, at);
}
int fallocate(int fd, int mode, off_t at, off_t size) { return full(fd) ? -1 : REAL(fallocate)(fd, mode, at, size); }
int posix_fallocate(int fd, off_t at, off_t size) { return full(fd) ? ENOSPC : REAL(posix_fallocate)(fd, at, size); }
ssize_t copy_file_range(int in, off64_t *at_in, int out, off64_t *at_out, size_t size, unsigned int flags) {
    return full(out) ? -1 : REAL(copy_file_range)(in, at_in, out, at_out, size, flags);
}
ssize_t sendfile(int out, int in, off_t *at, size_t size) {
    ssize_t (*real)(int, int, off_t *, size_t) = dlsym(RTLD_NEXT, "sendfile");
    return full(out) ? -1 : real(out, in, at, size);
}

/* A new file needs room in its folder too. */
static int new_file(const char *path, int flags) {
    char whole[PATH_MAX], *slash;
    if (!count || !(flags & O_CREAT) || strlen(path) >= sizeof whole || !access(path, F_OK)) return 0;
    strcpy(whole, path);
    slash = strrchr(whole, '/');
    if (!slash) return 0;
    *slash = 0;
    char folder[PATH_MAX];
    if (!realpath(whole, folder) || strncmp(folder, below, length) || (folder[length] && folder[length] != '/')) return 0;
    uint64_t now = ++*count;
    if (!from || now < from) return 0;
    errno = ENOSPC;
    return 1;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        return new_file(path, flags) ? -1 : REAL(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
