#include "nat.h"
#include <stdlib.h>
#include <string.h>

/* How long an idle UDP mapping lives: two minutes, the least that RFC 4787 allows. */
static const double UDP_IDLE_MS = 120e3;
/* RFC 5382 asks for two hours and four minutes. */
static const double TCP_IDLE_MS = 7440e3;
static const int FIRST_PORT = 10000, PORT_COUNT = 55000;
/* Old permissions make room for new ones, so that a crawl of a DHT does not fill the memory. */
static const int MAX_PERMISSIONS = 4000;

struct mapping {
  uint8_t protocol;
  struct endpoint inside;
  /* Only used if symmetric. */
  struct endpoint destination;
  uint16_t port;
  double used_at_ms;
};

/* Somebody outside who was written to through a mapping. */
struct permission {
  uint8_t protocol;
  struct endpoint peer;
  uint16_t port;
};

int nat_kind_of(const char *word, enum nat_kind *kind) {
  static const char *const words[] = {"full-cone", "address-restricted", "port-restricted", "symmetric"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(word, words[i]) != 0) continue;
    *kind = (enum nat_kind)i;
    return 1;
  }
  return 0;
}

static int is_same(struct endpoint one, struct endpoint other) {
  return one.address == other.address && one.port == other.port;
}

static int is_carried(uint8_t protocol) { return protocol == PROTOCOL_UDP || protocol == PROTOCOL_TCP; }

static int has_expired(const struct mapping *mapping, double now_ms) {
  return now_ms - mapping->used_at_ms > (mapping->protocol == PROTOCOL_UDP ? UDP_IDLE_MS : TCP_IDLE_MS);
}

static void expire(struct nat *nat, double now_ms) {
  for (int i = nat->mapping_count - 1; i >= 0; i--) {
    if (has_expired(&nat->mappings[i], now_ms)) nat->mappings[i] = nat->mappings[--nat->mapping_count];
  }
}

static struct mapping *mapping_from(struct nat *nat, uint8_t protocol, struct endpoint inside, struct endpoint to) {
  for (int i = 0; i < nat->mapping_count; i++) {
    struct mapping *mapping = &nat->mappings[i];
    if (mapping->protocol != protocol || !is_same(mapping->inside, inside)) continue;
    if (nat->kind != NAT_SYMMETRIC || is_same(mapping->destination, to)) return mapping;
  }
  return NULL;
}

static struct mapping *mapping_at(struct nat *nat, uint8_t protocol, uint16_t port) {
  for (int i = 0; i < nat->mapping_count; i++) {
    struct mapping *mapping = &nat->mappings[i];
    if (mapping->protocol == protocol && mapping->port == port) return mapping;
  }
  return NULL;
}

static uint16_t free_port(struct nat *nat, uint8_t protocol) {
  uint16_t port;
  do port = (uint16_t)(FIRST_PORT + (int)(drand48() * PORT_COUNT));
  while (mapping_at(nat, protocol, port) != NULL);
  return port;
}

static void *grown(void *items, int count, int *room, size_t item_bytes) {
  if (count < *room) return items;
  *room = *room == 0 ? 64 : *room * 2;
  return realloc(items, (size_t)*room * item_bytes);
}

static struct mapping *add_mapping(struct nat *nat, uint8_t protocol, struct endpoint inside, struct endpoint to) {
  uint16_t port = free_port(nat, protocol);
  nat->mappings = grown(nat->mappings, nat->mapping_count, &nat->mapping_room, sizeof *nat->mappings);
  struct mapping *mapping = &nat->mappings[nat->mapping_count++];
  *mapping = (struct mapping){protocol, inside, to, port, 0};
  return mapping;
}

static int is_permitted(const struct nat *nat, uint8_t protocol, uint16_t port, struct endpoint peer, int any_port) {
  /* Newest first: that is whom a host is talking to. */
  for (int i = nat->permission_count - 1; i >= 0; i--) {
    const struct permission *permission = &nat->permissions[i];
    if (permission->protocol != protocol || permission->port != port) continue;
    if (permission->peer.address == peer.address && (any_port || permission->peer.port == peer.port)) return 1;
  }
  return 0;
}

static void permit(struct nat *nat, uint8_t protocol, uint16_t port, struct endpoint peer) {
  if (is_permitted(nat, protocol, port, peer, 0)) return;
  if (nat->permission_count == MAX_PERMISSIONS) {
    nat->permission_count /= 2;
    memmove(nat->permissions, nat->permissions + nat->permission_count,
            (size_t)nat->permission_count * sizeof *nat->permissions);
  }
  nat->permissions = grown(nat->permissions, nat->permission_count, &nat->permission_room, sizeof *nat->permissions);
  nat->permissions[nat->permission_count++] = (struct permission){protocol, peer, port};
}

int nat_outbound(struct nat *nat, uint8_t *packet, double now_ms) {
  uint8_t protocol = packet_protocol(packet);
  if (!is_carried(protocol)) return 0;
  struct endpoint inside = packet_source(packet), to = packet_destination(packet);
  expire(nat, now_ms);
  struct mapping *mapping = mapping_from(nat, protocol, inside, to);
  if (mapping == NULL) mapping = add_mapping(nat, protocol, inside, to);
  mapping->used_at_ms = now_ms;
  permit(nat, protocol, mapping->port, to);
  packet_set_source(packet, (struct endpoint){nat->address, mapping->port});
  return 1;
}

static int lets_in(const struct nat *nat, const struct mapping *mapping, struct endpoint from) {
  /* A connection of TCP has one other end, whatever the NAT does for UDP. */
  enum nat_kind kind = mapping->protocol == PROTOCOL_TCP ? NAT_PORT_RESTRICTED : nat->kind;
  if (kind == NAT_FULL_CONE) return 1;
  return is_permitted(nat, mapping->protocol, mapping->port, from, kind == NAT_ADDRESS_RESTRICTED);
}

int nat_inbound(struct nat *nat, uint8_t *packet, double now_ms) {
  uint8_t protocol = packet_protocol(packet);
  if (!is_carried(protocol)) return 0;
  expire(nat, now_ms);
  struct mapping *mapping = mapping_at(nat, protocol, packet_destination(packet).port);
  if (mapping == NULL || !lets_in(nat, mapping, packet_source(packet))) return 0;
  mapping->used_at_ms = now_ms;
  packet_set_destination(packet, mapping->inside);
  return 1;
}

void nat_forget(struct nat *nat) {
  nat->mapping_count = 0;
  nat->permission_count = 0;
}
