/* What llama.cpp gets instead of the calls that start or watch other processes (its crash handler would run a debugger),
 * load code, or change the environment (it tunes another OpenMP library than ours, in a process that may have threads).
 * The linker's --wrap sends those calls here. Hidden, so that none of these names leaves the shared library. */

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

#define SEALED __attribute__((visibility("hidden")))

static int refused(void) {
    errno = ENOSYS;
    return -1;
}

SEALED pid_t __wrap_fork(void) {
    return refused();
}

SEALED int __wrap_execlp(const char * file, const char * arg, ...) {
    (void) file;
    (void) arg;
    return refused();
}

SEALED pid_t __wrap_waitpid(pid_t pid, int * status, int options) {
    (void) pid;
    (void) status;
    (void) options;
    return refused();
}

SEALED int __wrap_pipe(int ends[2]) {
    (void) ends;
    return refused();
}

SEALED int __wrap_prctl(int option, ...) {
    (void) option;
    return refused();
}

SEALED void * __wrap_dlopen(const char * file, int mode) {
    (void) file;
    (void) mode;
    return NULL;
}

SEALED void * __wrap_dlsym(void * handle, const char * name) {
    (void) handle;
    (void) name;
    return NULL;
}

SEALED int __wrap_dlclose(void * handle) {
    (void) handle;
    return refused();
}

SEALED char * __wrap_dlerror(void) {
    return "this library loads no code";
}

SEALED int __wrap_setenv(const char * name, const char * value, int overwrite) {
    (void) name;
    (void) value;
    (void) overwrite;
    return refused();
}
