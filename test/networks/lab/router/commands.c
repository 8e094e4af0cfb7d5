#define _GNU_SOURCE
#include "commands.h"
#include "network.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MAX_WORDS = MAX_ADDRESSES + 8 };

static char *words[MAX_WORDS];
static int word_count;
static void (*new_host)(int host);

static void fail(const char *why) { printf("error %s\n", why); }

static void set_addresses(struct host *host, int first_word) {
  host->address_count = 0;
  for (int i = first_word; i < word_count && host->address_count < MAX_ADDRESSES; i++)
    host->addresses[host->address_count++] = inet_addr(words[i]);
}

static int open_tun(void) {
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tun < 0) return -1;
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strcpy(request.ifr_name, "eth0");
  if (ioctl(tun, TUNSETIFF, &request) == 0) return tun;
  close(tun);
  return -1;
}

/* Makes a network namespace with one interface. It has no name: it ends with this process, however that ends. */
static int make_namespace(struct host *host) {
  int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0 || unshare(CLONE_NEWNET) != 0) return 0;
  host->namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  host->tun = open_tun();
  int problem = errno;
  int is_back = setns(own, CLONE_NEWNET) == 0;
  close(own);
  errno = problem;
  return is_back && host->namespace >= 0 && host->tun >= 0;
}

/* host NAME REALM ADDRESS...: answers with the file descriptor of its namespace. */
static void add_host(void) {
  if (host_count == MAX_HOSTS) return fail("too many hosts");
  struct host *host = &hosts[host_count];
  memset(host, 0, sizeof *host);
  snprintf(host->name, sizeof host->name, "%s", words[1]);
  host->realm = atoi(words[2]);
  set_addresses(host, 3);
  if (!make_namespace(host)) return fail(strerror(errno));
  new_host(host_count++);
  printf("ok %d\n", host->namespace);
}

/* nat NAME KIND INNER-REALM OUTER-REALM ADDRESS */
static void add_nat(void) {
  if (nat_count == MAX_NATS) return fail("too many NATs");
  struct nat *nat = &nats[nat_count];
  memset(nat, 0, sizeof *nat);
  if (!nat_kind_of(words[2], &nat->kind)) return fail("unknown kind of NAT");
  snprintf(nat->name, sizeof nat->name, "%s", words[1]);
  nat->inner_realm = atoi(words[3]);
  nat->outer_realm = atoi(words[4]);
  nat->address = inet_addr(words[5]);
  nat_count++;
  puts("ok");
}

/* link HOST DELAY-MS JITTER-MS LOSS-PERCENT BITS-PER-SECOND QUEUE-BYTES, in both directions */
static void set_link(struct host *host) {
  struct shape shape = {atof(words[2]), atof(words[3]), atof(words[4]), atof(words[5]), atof(words[6])};
  host->links[UP].shape = host->links[DOWN].shape = shape;
  puts("ok");
}

/* dark HOST 0|1: whether its cable is pulled. */
static void set_dark(struct host *host) {
  host->is_dark = atoi(words[2]);
  puts("ok");
}

/* move HOST REALM ADDRESS... */
static void move_host(struct host *host) {
  host->realm = atoi(words[2]);
  set_addresses(host, 3);
  puts("ok");
}

/* count HOST: packets, bytes and multicasts that it sent, then that it received. */
static void count_packets(struct host *host) {
  const struct link *up = &host->links[UP], *down = &host->links[DOWN];
  printf("ok %lu %lu %lu %lu %lu %lu\n", up->packets, up->bytes, up->multicasts, down->packets, down->bytes,
         down->multicasts);
}

/* forget NAT [ADDRESS]: mappings are gone, and perhaps it has another address. */
static void forget(void) {
  struct nat *nat = find_nat(words[1]);
  if (nat == NULL) return fail("no such NAT");
  nat_forget(nat);
  if (word_count > 2) nat->address = inet_addr(words[2]);
  puts("ok");
}

static void set_multicast_loss(void) {
  multicast_loss_percent = atof(words[1]);
  puts("ok");
}

struct command {
  const char *word;
  /* The least number of words, the command included. */
  int words;
  /* One of the two. */
  void (*run)(void);
  void (*run_on)(struct host *host);
};

static const struct command commands[] = {
    {"host", 4, add_host, NULL},           {"nat", 6, add_nat, NULL},
    {"link", 7, NULL, set_link},           {"dark", 3, NULL, set_dark},
    {"move", 4, NULL, move_host},          {"count", 2, NULL, count_packets},
    {"forget", 2, forget, NULL},           {"multicast-loss", 2, set_multicast_loss, NULL},
};

static void split(char *line) {
  word_count = 0;
  for (char *word = strtok(line, " \n"); word != NULL && word_count < MAX_WORDS; word = strtok(NULL, " \n"))
    words[word_count++] = word;
}

static void dispatch(const struct command *command) {
  if (word_count < command->words) return fail("too few words");
  if (command->run != NULL) return command->run();
  struct host *host = find_host(words[1]);
  if (host == NULL) return fail("no such host");
  command->run_on(host);
}

void run_command(char *line, void (*on_host)(int host)) {
  split(line);
  new_host = on_host;
  if (word_count == 0) return;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(words[0], commands[i].word) == 0) return dispatch(&commands[i]);
  }
  fail("unknown command");
}
