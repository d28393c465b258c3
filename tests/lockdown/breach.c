// Takes the place of a function of the mathematical library that llama.cpp calls, and opens a socket in it, once, on whichever
// thread but the first: what code would do that has got into the engine.
#include <math.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

void sincosf(float angle, float *sine, float *cosine) {
    static atomic_flag tried = ATOMIC_FLAG_INIT;
    if (syscall(SYS_gettid) != getpid() && !atomic_flag_test_and_set(&tried)) {
        long made = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
        if (made >= 0) {
            close((int)made);
        }
    }
    *sine = (float)sin((double)angle);
    *cosine = (float)cos((double)angle);
}
