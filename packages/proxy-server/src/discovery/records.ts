import {
  type CLIENT_REQUESTS,
  type DecodedBody,
  type FoundPeer,
  limitReached,
  MAX_ADDRESSES,
  type MutableValue
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import type { Client } from '../client/client.js'
import type { ServerServices } from '../context/services.js'
import type { QueryPurpose } from '../dht/dht-queue.js'
import type { DhtReply, HyperDht } from '../dht/hyperdht.js'
import { verifyMutable } from '../dht/native.js'
import type { QuerySlots } from '../dht/query-slots.js'
import { readQuery, runInTurn } from '../dht/run-query.js'
import { denied, dhtOff } from '../errors.js'

/** The most bytes of a stored value: fits into one UDP packet on any network. Larger ones are refused with `LIMIT`. */
const MAX_VALUE_BYTES = 1024

type MutablePut = DecodedBody<typeof CLIENT_REQUESTS.MUTABLE_PUT>
type MutableGet = DecodedBody<typeof CLIENT_REQUESTS.MUTABLE_GET>

/** Reads and writes peer records and stored values in the DHT for one client. */
export class Records {
  readonly #context: ServerServices
  readonly #client: Client
  readonly #slots: QuerySlots

  constructor(context: ServerServices, client: Client, slots: QuerySlots) {
    this.#context = context
    this.#client = client
    this.#slots = slots
  }

  /** Handles FIND_PEER. Without a DHT, only other clients are found. */
  findPeer(target: Uint8Array): Promise<FoundPeer[]> {
    const found = new Map<string, FoundPeer>()
    const { listeners } = this.#context
    const local = listeners.localAt(target)
    if (local !== null) add(found, local)
    return this.#slots.run(async () => {
      const { signal } = this.#client
      const find = (dht: HyperDht) =>
        readQuery(dht.findPeer(target, { hash: false }), signal, (reply) => addReply(found, reply))
      if (this.#context.dht !== null) await this.#inTurn('join', this.#context.dht, find)
      return [...found.values()]
    })
  }

  /** Handles MUTABLE_PUT. */
  async mutablePut({ publicKey, seq, signature, value }: MutablePut): Promise<void> {
    assertValue(value)
    const { dht } = this.#context
    if (dht !== null) await this.#context.signatureChecks.turn(this.#client, this.#client.signal)
    // Nodes do not answer a wrong one, and it would be sent to each of them four times.
    if (dht !== null && !verifyMutable(signature, seq, value, publicKey))
      throw denied('the signature of this value is not valid')
    await this.#run('store', (node) => node.mutablePut({ publicKey }, value, { seq, signMutable: () => signature }))
  }

  /** Handles MUTABLE_GET. */
  mutableGet({ publicKey, seq, latest }: MutableGet): Promise<MutableValue | null> {
    return this.#run('join', (dht) => dht.mutableGet(publicKey, { seq, latest }))
  }

  /** Handles IMMUTABLE_PUT. */
  async immutablePut(value: Uint8Array): Promise<Uint8Array> {
    assertValue(value)
    return this.#run('store', async (dht) => (await dht.immutablePut(value)).hash)
  }

  /** Handles IMMUTABLE_GET. */
  immutableGet(target: Uint8Array): Promise<Uint8Array | null> {
    return this.#run('join', async (dht) => (await dht.immutableGet(target))?.value ?? null)
  }

  async #run<T>(purpose: QueryPurpose, task: (dht: HyperDht) => Promise<T>): Promise<T> {
    const { dht } = this.#context
    if (dht === null) throw dhtOff()
    return this.#slots.run(() => this.#inTurn(purpose, dht, task))
  }

  #inTurn<T>(purpose: QueryPurpose, dht: HyperDht, task: (dht: HyperDht) => Promise<T>): Promise<T> {
    const client = this.#client
    return runInTurn({ queue: this.#context.queue, client, purpose, signal: client.signal }, () => task(dht))
  }
}

function assertValue(value: Uint8Array): void {
  if (value.byteLength > MAX_VALUE_BYTES) throw limitReached('bytes of a value', MAX_VALUE_BYTES)
}

/** Adds the replying node as a relay: a node that knows the peer can reach it. */
function addReply(found: Map<string, FoundPeer>, { from, peer }: DhtReply): void {
  if (peer === undefined) return
  add(found, { publicKey: peer.publicKey, relayAddresses: [...peer.relayAddresses, from] })
}

function add(found: Map<string, FoundPeer>, { publicKey, relayAddresses }: FoundPeer): void {
  const key = b4a.toString(publicKey, 'hex')
  const known = found.get(key)?.relayAddresses ?? []
  const isNew = ({ host, port }: (typeof known)[number]) => !known.some((one) => one.host === host && one.port === port)
  const addresses = [...known, ...relayAddresses.filter(isNew)].slice(0, MAX_ADDRESSES)
  found.set(key, { publicKey, relayAddresses: addresses })
}
