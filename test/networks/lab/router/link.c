#include "link.h"
#include <stdlib.h>

int is_lost(double percent) { return percent > 0 && drand48() * 100 < percent; }

/* Waits for the line. Returns when the last bit has left, or a negative number if the queue is full. */
static double transmit(struct link *link, int length, double now_ms) {
  double bytes_per_ms = link->shape.bits_per_second / 8000;
  if (bytes_per_ms <= 0) return now_ms;
  double start_ms = link->free_at_ms > now_ms ? link->free_at_ms : now_ms;
  double queued_bytes = (start_ms - now_ms) * bytes_per_ms;
  if (link->shape.queue_bytes > 0 && queued_bytes + length > link->shape.queue_bytes) return -1;
  link->free_at_ms = start_ms + length / bytes_per_ms;
  return link->free_at_ms;
}

double link_send(struct link *link, int length, double now_ms) {
  double sent_ms = is_lost(link->shape.loss_percent) ? -1 : transmit(link, length, now_ms);
  if (sent_ms < 0) {
    link->drops++;
    return -1;
  }
  double due_ms = sent_ms + link->shape.delay_ms + drand48() * link->shape.jitter_ms;
  /* Jitter does not reorder: packets queue behind a late one. */
  if (link->shape.jitter_ms > 0 && due_ms < link->last_due_ms) due_ms = link->last_due_ms;
  link->last_due_ms = due_ms;
  link->packets++;
  link->bytes += (uint64_t)length;
  return due_ms;
}
