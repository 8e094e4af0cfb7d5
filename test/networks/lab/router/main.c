/*
 * A small internet in one process. Each host is a network namespace with one TUN interface, whose packets this process
 * reads, delays, loses, translates and delivers. Ends when standard input does.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "network.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* What epoll says of the files that are not hosts. */
enum { INPUT = MAX_HOSTS, TIMER };
/* Packets that are read of one host before the others have their turn. */
enum { BATCH = 64, MAX_PACKET_BYTES = 65536, MAX_EVENTS = 64 };

static int poll_fd, timer_fd;

static void watch(int fd, uint32_t id) {
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = id};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
    perror("epoll");
    exit(1);
  }
}

static void watch_host(int host) { watch(hosts[host].tun, (uint32_t)host); }

static void read_host(int host) {
  static uint8_t packet[MAX_PACKET_BYTES];
  for (int i = 0; i < BATCH; i++) {
    ssize_t length = read(hosts[host].tun, packet, sizeof packet);
    if (length <= 0) return;
    network_send(host, packet, (int)length);
  }
}

static void read_commands(void) {
  static char buffer[16384];
  static size_t used;
  ssize_t bytes = read(STDIN_FILENO, buffer + used, sizeof buffer - used - 1);
  if (bytes <= 0) exit(0);
  used += (size_t)bytes;
  buffer[used] = 0;
  char *begin = buffer;
  for (char *end = strchr(begin, '\n'); end != NULL; begin = end + 1, end = strchr(begin, '\n')) {
    *end = 0;
    run_command(begin, watch_host);
  }
  fflush(stdout);
  used -= (size_t)(begin - buffer);
  memmove(buffer, begin, used);
}

/* Wakes up for the next packet that is due. */
static void set_timer(void) {
  double due_ms = flights_next_ms();
  /* An all-zero time would switch the timer off; a moment in the past fires at once. */
  struct itimerspec time = {0};
  if (due_ms >= 0) {
    time.it_value.tv_sec = (time_t)(due_ms / 1e3);
    time.it_value.tv_nsec = (long)((due_ms - (double)time.it_value.tv_sec * 1e3) * 1e6);
  }
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &time, NULL);
}

static void handle(uint32_t id) {
  uint64_t expirations;
  if (id == INPUT) read_commands();
  else if (id != TIMER) read_host((int)id);
  else if (read(timer_fd, &expirations, sizeof expirations) < 0) return;
}

int main(void) {
  srand48((long)time(NULL) ^ getpid());
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  watch(STDIN_FILENO, INPUT);
  watch(timer_fd, TIMER);
  for (;;) {
    struct epoll_event events[MAX_EVENTS];
    network_run();
    set_timer();
    int count = epoll_wait(poll_fd, events, MAX_EVENTS, -1);
    for (int i = 0; i < count; i++) handle(events[i].data.u32);
  }
}
