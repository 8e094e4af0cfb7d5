/* The line between a host and its network, one way: delay, jitter, loss, bandwidth and a queue. */
#ifndef LINK_H
#define LINK_H
#include <stdint.h>

struct shape {
  double delay_ms, jitter_ms, loss_percent;
  /* Zero for as much as comes. */
  double bits_per_second;
  /* Bytes that may wait for the line; what comes on top is dropped. Zero for any number. */
  double queue_bytes;
};

struct link {
  struct shape shape;
  /* When everything that waits for the line has left. */
  double free_at_ms;
  double last_due_ms;
  uint64_t packets, bytes, drops, multicasts;
};

/* When a packet of this length arrives, or a negative number if it is lost. */
double link_send(struct link *link, int length, double now_ms);
int is_lost(double percent);
#endif
