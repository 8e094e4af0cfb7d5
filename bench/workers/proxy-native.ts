/** The peer with UDP: a HyperDHT node that accepts connections, or for the bare pipe one end of a UDX stream. */
import { type Address, HyperDHT } from '../lib/modules.ts'
import { type NativeDht, SecretStream } from '../lib/proxy-modules.ts'
import { traffic, use } from '../lib/proxy-traffic.ts'
import { UdxEnd } from '../lib/proxy-udx.ts'
import { createNode } from '../lib/swarms.ts'
import { serve } from '../lib/worker.ts'

let udxEnd: UdxEnd | null = null

serve({ ...traffic, listen, bindPipe, connectPipe })

/** Accepts connections, and announces the topic (hex) if there is one. Resolves to the public key in hex. */
async function listen({ bootstrap, topic }: { bootstrap: Address[]; topic?: string }): Promise<string> {
  const dht = (await createNode(bootstrap)) as NativeDht
  const server = dht.createServer(use)
  await server.listen()
  const { defaultKeyPair } = dht
  if (topic !== undefined)
    await dht.announce(Buffer.from(topic, 'hex'), defaultKeyPair, server.relayAddresses).finished()
  return Buffer.from(defaultKeyPair.publicKey).toString('hex')
}

/** Resolves to the UDP port of this end of a bare pipe. */
function bindPipe(): number {
  udxEnd = new UdxEnd(new HyperDHT({ host: '127.0.0.1', bootstrap: [] }) as NativeDht)
  return udxEnd.port
}

function connectPipe({ port }: { port: number }): void {
  if (udxEnd === null) throw new Error('bindPipe comes first')
  udxEnd.connect(port)
  use(new SecretStream(false, udxEnd.stream))
}
