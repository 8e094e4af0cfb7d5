import { ask, CLIENT_REQUESTS, ProxyError } from '@swarmway/proxy-protocol'
import type { KeyPair } from '@swarmway/swarm/core'
import b4a from 'b4a'
import type { Channel } from './channel.js'
import { keyTarget, signMutable, verifyMutable } from './signing.js'
import { assertBytes, assertKey, assertKeyPair, assertSeq } from './verify-calls.js'

/** A mutable value in the DHT. */
export interface MutableRecord {
  seq: number
  value: Uint8Array
  signature: Uint8Array
}

/** Options of the mutable records. */
export interface RecordOptions {
  /** The version to write, or the lowest to accept. Default: 0. */
  seq?: number
  /** Whether to ask all nodes for the latest version. Default: true. */
  latest?: boolean
}

/** The DHT's records through the server. Signed and verified here: the server can withhold a value, not forge one. */
export class RemoteRecords {
  readonly #channel: Channel

  constructor(channel: Channel) {
    this.#channel = channel
  }

  async mutableGet(publicKey: Uint8Array, { seq = 0, latest = true }: RecordOptions): Promise<MutableRecord | null> {
    assertKey(publicKey, 'publicKey')
    assertSeq(seq)
    const record = await ask(this.#channel, CLIENT_REQUESTS.MUTABLE_GET, { publicKey, seq, latest })
    const isGenuine =
      record && record.seq >= seq && verifyMutable(publicKey, record.seq, record.value, record.signature)
    return isGenuine ? record : null
  }

  async mutablePut(keyPair: KeyPair, value: Uint8Array, { seq = 0 }: RecordOptions) {
    assertKeyPair(keyPair)
    assertBytes(value, 'value')
    assertSeq(seq)
    const { publicKey } = keyPair
    const signature = signMutable(seq, value, keyPair)
    await ask(this.#channel, CLIENT_REQUESTS.MUTABLE_PUT, { publicKey, seq, signature, value })
    return { publicKey, seq, signature }
  }

  async immutableGet(target: Uint8Array): Promise<{ value: Uint8Array } | null> {
    assertKey(target, 'target')
    const value = await ask(this.#channel, CLIENT_REQUESTS.IMMUTABLE_GET, target)
    return value !== null && b4a.equals(keyTarget(value), target) ? { value } : null
  }

  async immutablePut(value: Uint8Array): Promise<{ hash: Uint8Array }> {
    assertBytes(value, 'value')
    const hash = await ask(this.#channel, CLIENT_REQUESTS.IMMUTABLE_PUT, value)
    if (!b4a.equals(hash, keyTarget(value))) throw new ProxyError('PROTOCOL_ERROR', 'the server stored something else')
    return { hash }
  }
}
