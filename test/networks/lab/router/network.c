#include "network.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Nobody is behind more boxes than this; it stops a loop of NATs. */
enum { MAX_HOPS = 8 };

struct host hosts[MAX_HOSTS];
int host_count;
struct nat nats[MAX_NATS];
int nat_count;
double multicast_loss_percent;

double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

struct host *find_host(const char *name) {
  for (int i = 0; i < host_count; i++)
    if (strcmp(hosts[i].name, name) == 0) return &hosts[i];
  return NULL;
}

struct nat *find_nat(const char *name) {
  for (int i = 0; i < nat_count; i++)
    if (strcmp(nats[i].name, name) == 0) return &nats[i];
  return NULL;
}

static void put_on_link(int index, enum direction direction, const uint8_t *packet, int length) {
  struct host *host = &hosts[index];
  struct link *link = &host->links[direction];
  if (host->is_dark) {
    link->drops++;
    return;
  }
  if (packet_is_multicast(packet)) link->multicasts++;
  double due_ms = link_send(link, length, now_ms());
  if (due_ms >= 0) flights_add(due_ms, index, direction, packet, length);
}

static int has_address(const struct host *host, uint32_t address) {
  for (int i = 0; i < host->address_count; i++)
    if (host->addresses[i] == address) return 1;
  return 0;
}

static void multicast(int sender, const uint8_t *packet, int length) {
  for (int i = 0; i < host_count; i++) {
    if (i == sender || hosts[i].realm != hosts[sender].realm || is_lost(multicast_loss_percent)) continue;
    put_on_link(i, DOWN, packet, length);
  }
}

/* Finds the way from a network to the destination. The packet is rewritten by the NATs it passes. */
static void route(int realm, uint8_t *packet, int length, int hops) {
  if (hops > MAX_HOPS) return;
  uint32_t to = packet_destination(packet).address;
  for (int i = 0; i < host_count; i++) {
    if (hosts[i].realm != realm || !has_address(&hosts[i], to)) continue;
    put_on_link(i, DOWN, packet, length);
    return;
  }
  for (int i = 0; i < nat_count; i++) {
    if (nats[i].outer_realm != realm || nats[i].address != to) continue;
    if (nat_inbound(&nats[i], packet, now_ms())) route(nats[i].inner_realm, packet, length, hops + 1);
    return;
  }
  for (int i = 0; i < nat_count; i++) {
    if (nats[i].inner_realm != realm) continue;
    if (nat_outbound(&nats[i], packet, now_ms())) route(nats[i].outer_realm, packet, length, hops + 1);
    return;
  }
}

void network_send(int host, const uint8_t *packet, int length) {
  if (packet_is_usable(packet, length)) put_on_link(host, UP, packet, length);
}

static void arrive(struct flight *flight) {
  struct host *host = &hosts[flight->host];
  if (flight->direction == UP && packet_is_multicast(flight->packet)) {
    multicast(flight->host, flight->packet, flight->length);
  } else if (flight->direction == UP) {
    route(host->realm, flight->packet, flight->length, 0);
  } else if (!host->is_dark && write(host->tun, flight->packet, (size_t)flight->length) < 0) {
    /* The host's own queue is full: lost, as on a real interface. */
    host->links[DOWN].drops++;
  }
}

void network_run(void) {
  for (double due = flights_next_ms(); due >= 0 && due <= now_ms(); due = flights_next_ms()) {
    struct flight flight = flights_take();
    arrive(&flight);
    free(flight.packet);
  }
}
