/* Memory that this library gives back is overwritten first: the linker's --wrap sends `free`, `realloc` and the C++ operators
 * here, from llama.cpp and from Rust alike. The program around the library keeps its own. Where nothing is wrapped, in a Rust
 * program that this crate is linked into, the `__real_…` are absent and nothing here is ever called. */

#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALED __attribute__((visibility("hidden")))
#define ABSENT __attribute__((weak))

/* From this size on, whole pages are handed back to the kernel, which gives zeros, instead of being overwritten. */
#define LARGE ((size_t)1 << 20)

extern void __real_free(void *) ABSENT;
extern void * __real_realloc(void *, size_t) ABSENT;
extern void __real__ZdlPv(void *) ABSENT;
extern void __real__ZdlPvm(void *, size_t) ABSENT;
extern void __real__ZdaPv(void *) ABSENT;
extern void __real__ZdaPvm(void *, size_t) ABSENT;
extern void __real__ZdlPvSt11align_val_t(void *, size_t) ABSENT;
extern void __real__ZdlPvmSt11align_val_t(void *, size_t, size_t) ABSENT;

static atomic_int switched_on = 1;

SEALED void cloister_wiping_set(int on) {
    atomic_store(&switched_on, on);
}

SEALED int cloister_wiping_is_linked(void) {
    return __real_free != NULL && __real_realloc != NULL;
}

static void overwrite(void * memory, size_t size) {
    memset(memory, 0, size);
    /* The memory is not used again, and yet the stores above must stay. */
    __asm__ volatile("" : : "r"(memory) : "memory");
}

/* Hands the whole pages of a block back, and overwrites what is beside them. 0 where the kernel does not take them. */
static int hand_back(void * memory, size_t size) {
    /* ARM64 has pages of 4, 16 or 64 KiB, and the kernel rounds a length up to them. */
    long page = sysconf(_SC_PAGESIZE);
    if (page <= 0) {
        return 0;
    }
    uintptr_t inside = (uintptr_t)page - 1;
    uintptr_t start = (uintptr_t)memory;
    uintptr_t first = (start + inside) & ~inside;
    uintptr_t last = (start + size) & ~inside;
    int error = errno;
    int dropped = madvise((void *)first, last - first, MADV_DONTNEED);
    errno = error;
    if (dropped != 0) {
        return 0;
    }
    overwrite(memory, first - start);
    overwrite((void *)last, start + size - last);
    return 1;
}

static void wipe(void * memory, size_t size) {
    if (memory == NULL || !atomic_load_explicit(&switched_on, memory_order_relaxed)) {
        return;
    }
    if (size < LARGE || !hand_back(memory, size)) {
        overwrite(memory, size);
    }
}

SEALED void __wrap_free(void * memory) {
    if (memory != NULL) {
        wipe(memory, malloc_usable_size(memory));
    }
    __real_free(memory);
}

SEALED void * __wrap_realloc(void * memory, size_t size) {
    if (memory == NULL || !atomic_load_explicit(&switched_on, memory_order_relaxed)) {
        return __real_realloc(memory, size);
    }
    size_t before = malloc_usable_size(memory);
    if (size <= before) {
        wipe((char *)memory + size, before - size);
        /* A smaller block stays where it is, or leaves a mapping of its own, which the kernel clears. */
        return __real_realloc(memory, size);
    }
    void * moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, memory, before);
        wipe(memory, before);
        __real_free(memory);
    }
    return moved;
}

SEALED void __wrap__ZdlPv(void * memory) {
    wipe(memory, memory == NULL ? 0 : malloc_usable_size(memory));
    __real__ZdlPv(memory);
}

SEALED void __wrap__ZdaPv(void * memory) {
    wipe(memory, memory == NULL ? 0 : malloc_usable_size(memory));
    __real__ZdaPv(memory);
}

SEALED void __wrap__ZdlPvm(void * memory, size_t size) {
    wipe(memory, size);
    __real__ZdlPvm(memory, size);
}

SEALED void __wrap__ZdaPvm(void * memory, size_t size) {
    wipe(memory, size);
    __real__ZdaPvm(memory, size);
}

SEALED void __wrap__ZdlPvSt11align_val_t(void * memory, size_t alignment) {
    wipe(memory, memory == NULL ? 0 : malloc_usable_size(memory));
    __real__ZdlPvSt11align_val_t(memory, alignment);
}

SEALED void __wrap__ZdlPvmSt11align_val_t(void * memory, size_t size, size_t alignment) {
    wipe(memory, size);
    __real__ZdlPvmSt11align_val_t(memory, size, alignment);
}
