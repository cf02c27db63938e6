#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int phoenix_pipe_cloexec(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int phoenix_pidfd_open(int32_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int phoenix_lock_exclusive(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

int phoenix_wall_timer_create(void) { return timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

int phoenix_wall_timer_arm(int fd, int64_t second) {
  struct itimerspec at;
  memset(&at, 0, sizeof at);
  at.it_value.tv_sec = (time_t)second;
  return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, 0);
}

int phoenix_spawn_close_from(void *actions, int lowest) {
  return posix_spawn_file_actions_addclosefrom_np(actions, lowest);
}
