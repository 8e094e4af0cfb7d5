/**
 * Names that samples may use without making them: `given: swarm` above a block. Each has its type. A page explains a
 * name that is not plain from the page itself.
 */
export const GIVEN: Readonly<Record<string, string>> = {
  swarm: "import('@swarmway/swarm').Swarm",
  client: "import('@swarmway/proxy-client').ProxyClient",
  server: "import('@swarmway/proxy-server').ProxyServer",
  group: "import('@swarmway/swarm').Group",
  connection: "import('@swarmway/swarm').Connection",
  topic: 'Uint8Array',
  publicKey: 'Uint8Array',
  seed: 'Uint8Array',
  secret: 'string',
  text: 'string',
  keyPair: "import('@swarmway/swarm').KeyPair",
  duplex: "import('@swarmway/proxy-protocol').DuplexLike"
}
