/* The internet in this process: hosts and NATs, and the way of a packet between them. */
#ifndef NETWORK_H
#define NETWORK_H
#include "flights.h"
#include "link.h"
#include "nat.h"

enum { MAX_HOSTS = 256, MAX_NATS = 256, MAX_ADDRESSES = 64, HOST_NAME_BYTES = 32 };

struct host {
  char name[HOST_NAME_BYTES];
  /* The network interface of the host, as a file. */
  int tun;
  /* Holds its network namespace, which lives as long as this process. */
  int namespace;
  /* The network it is in: 0 is the public internet, the others are behind NATs. */
  int realm;
  uint32_t addresses[MAX_ADDRESSES];
  int address_count;
  struct link links[2];
  int is_dark;
};

extern struct host hosts[MAX_HOSTS];
extern int host_count;
extern struct nat nats[MAX_NATS];
extern int nat_count;
/* Applies to each receiver of a multicast alone. */
extern double multicast_loss_percent;

double now_ms(void);
struct host *find_host(const char *name);
struct nat *find_nat(const char *name);
/* Takes what a host sends. */
void network_send(int host, const uint8_t *packet, int length);
/* Moves every packet that is due. */
void network_run(void);
#endif
