#pragma once
// What Swift's Glibc module leaves out, being GNU extensions, macros or ambiguous names. Only plain types here:
// a system header included with _GNU_SOURCE would give Swift second definitions of what Glibc defines.
#include <stdint.h>
#include <sys/epoll.h>

/// pipe2(2) with O_CLOEXEC: no moment in which another thread's child could inherit an end.
int phoenix_pipe_cloexec(int ends[2]);

/// pidfd_open(2): becomes readable when the process ends. Close-on-exec by itself.
int phoenix_pidfd_open(int32_t pid);

/// flock(2), whose name Swift gives to a struct: exclusive, without waiting.
int phoenix_lock_exclusive(int fd);

/// timerfd_create(2) on the wall clock, close-on-exec and non-blocking.
int phoenix_wall_timer_create(void);

/// Arms a wall-clock timer at an absolute second; it becomes readable too when the clock is set.
int phoenix_wall_timer_arm(int fd, int64_t second);

/// In the child, closes every descriptor from `lowest` up. `actions` is a posix_spawn_file_actions_t.
int phoenix_spawn_close_from(void *actions, int lowest);
