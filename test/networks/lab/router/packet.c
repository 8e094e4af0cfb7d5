#include "packet.h"
#include <string.h>

enum { SOURCE_ADDRESS = 12, DESTINATION_ADDRESS = 16, HEADER_CHECKSUM = 10 };
enum { SOURCE_PORT = 0, DESTINATION_PORT = 2 };

static int header_bytes(const uint8_t *packet) { return (packet[0] & 15) * 4; }

static uint16_t read16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static void write16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

int packet_is_usable(const uint8_t *packet, int length) {
  if (length < 28 || packet[0] >> 4 != 4 || header_bytes(packet) < 20) return 0;
  /* Only a first and only fragment has ports. */
  if (read16(packet + 6) & 0x3fff) return 0;
  int transport_bytes = packet_protocol(packet) == PROTOCOL_TCP ? 20 : 8;
  return length >= header_bytes(packet) + transport_bytes;
}

uint8_t packet_protocol(const uint8_t *packet) { return packet[9]; }

static struct endpoint endpoint_at(const uint8_t *packet, int address_at, int port_at) {
  struct endpoint end;
  memcpy(&end.address, packet + address_at, 4);
  end.port = read16(packet + header_bytes(packet) + port_at);
  return end;
}

struct endpoint packet_source(const uint8_t *packet) { return endpoint_at(packet, SOURCE_ADDRESS, SOURCE_PORT); }

struct endpoint packet_destination(const uint8_t *packet) {
  return endpoint_at(packet, DESTINATION_ADDRESS, DESTINATION_PORT);
}

int packet_is_multicast(const uint8_t *packet) { return packet[DESTINATION_ADDRESS] >> 4 == 14; }

/* Corrects a checksum for bytes that change (RFC 1624), without reading the rest of the packet. */
static void adjust(uint8_t *checksum, const uint8_t *before, const uint8_t *after, int bytes) {
  uint32_t sum = (uint16_t)~read16(checksum);
  for (int i = 0; i < bytes; i += 2) sum += (uint16_t)~read16(before + i) + (uint32_t)read16(after + i);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  write16(checksum, (uint16_t)~sum);
}

/* NULL where there is nothing to correct: a UDP sender may leave its checksum out. */
static uint8_t *transport_checksum(uint8_t *packet) {
  uint8_t *transport = packet + header_bytes(packet);
  if (packet_protocol(packet) == PROTOCOL_TCP) return transport + 16;
  return read16(transport + 6) == 0 ? NULL : transport + 6;
}

static void set_endpoint(uint8_t *packet, int address_at, int port_at, struct endpoint end) {
  uint8_t *address = packet + address_at, *port = packet + header_bytes(packet) + port_at;
  uint8_t *checksum = transport_checksum(packet), new_address[4], new_port[2];
  memcpy(new_address, &end.address, 4);
  write16(new_port, end.port);
  adjust(packet + HEADER_CHECKSUM, address, new_address, 4);
  if (checksum != NULL) {
    /* The checksum of the transport covers the addresses as well. */
    adjust(checksum, address, new_address, 4);
    adjust(checksum, port, new_port, 2);
  }
  memcpy(address, new_address, 4);
  memcpy(port, new_port, 2);
}

void packet_set_source(uint8_t *packet, struct endpoint source) {
  set_endpoint(packet, SOURCE_ADDRESS, SOURCE_PORT, source);
}

void packet_set_destination(uint8_t *packet, struct endpoint destination) {
  set_endpoint(packet, DESTINATION_ADDRESS, DESTINATION_PORT, destination);
}
