/* Packets on their way, by when they arrive. */
#ifndef FLIGHTS_H
#define FLIGHTS_H
#include <stdint.h>

enum direction { UP, DOWN };

struct flight {
  double due_ms;
  /* Packets that are due at the same moment keep their order. */
  uint64_t order;
  int host;
  enum direction direction;
  int length;
  /* Belongs to whoever holds the flight. */
  uint8_t *packet;
};

void flights_add(double due_ms, int host, enum direction direction, const uint8_t *packet, int length);
/* When the next one arrives, or a negative number if nothing is on its way. */
double flights_next_ms(void);
struct flight flights_take(void);
#endif
