/* IPv4 packets: reading their addresses and ports, and rewriting them as a NAT does. */
#ifndef PACKET_H
#define PACKET_H
#include <stdint.h>

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* One end of a flow. The address is in network byte order, the port in that of the machine. */
struct endpoint {
  uint32_t address;
  uint16_t port;
};

/* Whether these bytes are an IPv4 packet with room for ports. Everything else (IPv6, fragments) is dropped. */
int packet_is_usable(const uint8_t *packet, int length);
uint8_t packet_protocol(const uint8_t *packet);
struct endpoint packet_source(const uint8_t *packet);
struct endpoint packet_destination(const uint8_t *packet);
/* Whether the destination is a multicast group. */
int packet_is_multicast(const uint8_t *packet);

/* Replace one end and correct the checksums. */
void packet_set_source(uint8_t *packet, struct endpoint source);
void packet_set_destination(uint8_t *packet, struct endpoint destination);
#endif
