/* NATs as RFC 4787 sorts them: by whom a mapping lets in, and whether each destination gets a mapping of its own. */
#ifndef NAT_H
#define NAT_H
#include "packet.h"

enum nat_kind {
  /* A mapping lets everybody in. */
  NAT_FULL_CONE,
  /* ... addresses that were written to. */
  NAT_ADDRESS_RESTRICTED,
  /* ... addresses and ports that were written to. */
  NAT_PORT_RESTRICTED,
  /* As port restricted, and each destination sees another port. */
  NAT_SYMMETRIC
};

enum { NAT_NAME_BYTES = 32 };

struct mapping;
struct permission;

struct nat {
  char name[NAT_NAME_BYTES];
  enum nat_kind kind;
  /* The networks on its two sides. */
  int inner_realm, outer_realm;
  uint32_t address;
  struct mapping *mappings;
  int mapping_count, mapping_room;
  struct permission *permissions;
  int permission_count, permission_room;
};

/* Returns 0 if the word is unknown. */
int nat_kind_of(const char *word, enum nat_kind *kind);
/* Rewrite a packet that leaves or enters. Return 0 if it has to be dropped. */
int nat_outbound(struct nat *nat, uint8_t *packet, double now_ms);
int nat_inbound(struct nat *nat, uint8_t *packet, double now_ms);
/* As after a restart of the box: all mappings are gone. */
void nat_forget(struct nat *nat);
#endif
