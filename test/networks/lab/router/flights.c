#include "flights.h"
#include <stdlib.h>
#include <string.h>

/* A binary heap. */
static struct flight *heap;
static int count, room;
static uint64_t last_order;

static int is_before(int one, int other) {
  if (heap[one].due_ms != heap[other].due_ms) return heap[one].due_ms < heap[other].due_ms;
  return heap[one].order < heap[other].order;
}

static void swap(int one, int other) {
  struct flight kept = heap[one];
  heap[one] = heap[other];
  heap[other] = kept;
}

static void sift_up(int at) {
  for (int parent = (at - 1) / 2; at > 0 && is_before(at, parent); at = parent, parent = (at - 1) / 2) swap(at, parent);
}

static void sift_down(int at) {
  for (;;) {
    int first = at, left = 2 * at + 1, right = left + 1;
    if (left < count && is_before(left, first)) first = left;
    if (right < count && is_before(right, first)) first = right;
    if (first == at) return;
    swap(at, first);
    at = first;
  }
}

void flights_add(double due_ms, int host, enum direction direction, const uint8_t *packet, int length) {
  if (count == room) {
    room = room == 0 ? 1024 : room * 2;
    heap = realloc(heap, (size_t)room * sizeof *heap);
  }
  uint8_t *copy = malloc((size_t)length);
  memcpy(copy, packet, (size_t)length);
  heap[count] = (struct flight){due_ms, last_order++, host, direction, length, copy};
  sift_up(count++);
}

double flights_next_ms(void) { return count == 0 ? -1 : heap[0].due_ms; }

struct flight flights_take(void) {
  struct flight first = heap[0];
  heap[0] = heap[--count];
  sift_down(0);
  return first;
}
