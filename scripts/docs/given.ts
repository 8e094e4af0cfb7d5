/**
 * Names that samples may use without declaring them, with their types: `given: swarm` above a block. A page explains a
 * name that is not obvious from its text.
 */
export const GIVEN: Readonly<Record<string, string>> = {
  swarm: "import('@swarmway/swarm').Swarm",
  client: "import('@swarmway/proxy-client').ProxyClient",
  server: "import('@swarmway/proxy-server').ProxyServer",
  group: "import('@swarmway/swarm').Group",
  connection: "import('@swarmway/swarm').Connection",
  dht: "import('@swarmway/swarm').DhtNode",
  store: '{ replicate(connection: object): unknown }',
  httpServer: "import('node:http').Server",
  topic: 'Uint8Array',
  publicKey: 'Uint8Array',
  publicKeyOfAnna: 'Uint8Array',
  seed: 'Uint8Array',
  keyPair: "import('@swarmway/swarm').KeyPair",
  baseKeyPair: "import('@swarmway/swarm').KeyPair",
  sharedKeyPair: "import('@swarmway/swarm').KeyPair",
  membership: "import('@swarmway/swarm').Membership",
  url: 'string',
  worker: 'Worker',
  text: 'string',
  token: 'string'
}
