/* Preloaded into the server: answers errors to reads, writes and fsyncs of a database's files. The file named by DESKBELL_TEST_FAULT
 * says which: "read 5", "write 28", "sync 5", or nothing. Read at each call, so that a test changes its mind while the server runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fault(int fd, const char *kind) {
    char link[64], path[4096], said[64], name[64];
    int code = 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *file = strrchr(path, '/');
    if (!file || strncmp(file, "/deskbell.db", 12) != 0 || strstr(file, "-lock")) return 0;
    const char *control = getenv("DESKBELL_TEST_FAULT");
    if (!control) return 0;
    int said_by = open(control, O_RDONLY | O_CLOEXEC);
    if (said_by < 0) return 0;
    length = read(said_by, said, sizeof said - 1);
    close(said_by);
    if (length <= 0) return 0;
    said[length] = 0;
    if (sscanf(said, "%63s %d", name, &code) != 2 || strcmp(name, kind) != 0) return 0;
    return code;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL_IF(kind)                \
    int saved = errno;               \
    int code = fault(fd, kind);      \
    errno = saved;                   \
    if (code) {                      \
        errno = code;                \
        return -1;                   \
    }

ssize_t read(int fd, void *to, size_t size) { FAIL_IF("read") return REAL(read)(fd, to, size); }
ssize_t pread(int fd, void *to, size_t size, off_t at) { FAIL_IF("read") return REAL(pread)(fd, to, size, at); }
ssize_t pread64(int fd, void *to, size_t size, off64_t at) { FAIL_IF("read") return REAL(pread64)(fd, to, size, at); }
ssize_t write(int fd, const void *from, size_t size) { FAIL_IF("write") return REAL(write)(fd, from, size); }
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { FAIL_IF("write") return REAL(pwrite)(fd, from, size, at); }
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) { FAIL_IF("write") return REAL(pwrite64)(fd, from, size, at); }
int ftruncate(int fd, off_t to) { FAIL_IF("write") return REAL(ftruncate)(fd, to); }
int ftruncate64(int fd, off64_t to) { FAIL_IF("write") return REAL(ftruncate64)(fd, to); }
int fsync(int fd) { FAIL_IF("sync") return REAL(fsync)(fd); }
int fdatasync(int fd) { FAIL_IF("sync") return REAL(fdatasync)(fd); }
