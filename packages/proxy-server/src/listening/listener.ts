import type { SignBody } from '@swarmway/proxy-protocol'
import { codeOf, reasonOf, trace } from '@swarmway/runtime'
import { announceNow } from '@swarmway/swarm/hyperdht'
import b4a from 'b4a'
import { createAbort } from '../client/abort.js'
import type { ServerResources } from '../context/resources.js'
import type { QueryJob } from '../dht/dht-queue.js'
import { HolePunches } from '../dht/hole-punches.js'
import type {
  DhtAddress,
  DhtHandshakeResult,
  DhtServer,
  HyperDht,
  RawStream,
  SecretStreamLike
} from '../dht/hyperdht.js'
import { hashOf } from '../dht/native.js'
import type { QueryPlace } from '../dht/query-place.js'
import { signersFor } from '../dht/signers.js'
import { StandInStream } from '../dht/stand-in.js'
import { type AcceptedHandshake, AcceptHandshake } from './accept-handshake.js'
import type { LocalPeer } from './handshake-slots.js'

/** Milliseconds that a LISTEN waits for its turn in the DHT before it is answered without one. */
const QUEUE_PATIENCE_MS = 100

/** The client that listens on a key. */
export interface KeyOwner extends LocalPeer {
  /** The client with the greater number gets a key that two clients have, because its greeting is newer. */
  readonly serial: number
  /** Another client has proved that it holds the key and owns it from now on. */
  onKeyLost(publicKey: Uint8Array): void
}

/**
 * A key on which a client accepts connections. Its DHT server outlives its owner: when a client returns with a new
 * session, that session takes the key over, and the announcement stays unchanged.
 */
export class Listener {
  readonly publicKey: Uint8Array
  /** The place in the DHT where the key is announced, in hex. */
  readonly target: string
  /** Settles when the key is announced. */
  readonly ready: Promise<void>
  /**
   * Settles like `ready`, but does not wait for a long DHT queue: other clients of this server can reach the client
   * at once, and must not have to wait.
   */
  readonly registered: Promise<void>
  readonly #context: ServerResources
  #owner: KeyOwner
  /** Fires when the key changes hands; created when a signature is awaited. */
  #takeover: AbortController | null = null
  #server: DhtServer | null = null
  #job: QueryJob | null = null
  #hasBegun = false
  #isListening = false
  #isClosed = false

  /** Starts once `after`, the end of an earlier listener, has settled. */
  constructor(context: ServerResources, publicKey: Uint8Array, owner: KeyOwner, after: Promise<void> | undefined) {
    this.#context = context
    this.publicKey = publicKey
    this.target = b4a.toString(hashOf(publicKey), 'hex')
    this.#owner = owner
    this.ready = this.#start(after)
    this.registered = Promise.race([this.ready, this.#whenQueued()])
    this.registered.catch(ignore)
    this.ready.then(
      () => trace.server?.('listening', { key: publicKey }),
      (error) => trace.server?.('listen-failed', { key: publicKey, ...reasonOf(error) })
    )
  }

  get owner(): KeyOwner {
    return this.#owner
  }

  /** DHT nodes that relay to the key. */
  get relayAddresses(): DhtAddress[] {
    return this.#server?.relayAddresses ?? []
  }

  /** Whether it was announced, and no DHT node knows it any more. */
  get isForgotten(): boolean {
    return this.#isListening && !this.#isClosed && this.#server?.relayAddresses.length === 0
  }

  /** Announces the key again, which no DHT node may know any more. */
  announceAgain(): void {
    if (this.#server !== null && !this.#isClosed) announceNow(this.#server)
  }

  /** Gives the key to another client. */
  transfer(owner: KeyOwner): void {
    const before = this.#owner
    if (before === owner) return
    this.#owner = owner
    trace.server?.('key-moved', { key: this.publicKey })
    this.#job?.place.share(owner.client)
    before.onKeyLost(this.publicKey)
    this.#takeover?.abort()
    this.#takeover = null
  }

  /** Stops listening. Withdraws the announcement if the client can still sign; otherwise the announcement expires. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (!this.#hasBegun) this.#job?.place.cancel()
    trace.server?.('listen-end', { key: this.publicKey })
    await this.#server?.close()
  }

  async #start(after: Promise<void> | undefined): Promise<void> {
    await after
    const { dht, queue } = this.#context
    if (dht === null || this.#isClosed) return
    this.#job = queue.schedule(this.#owner.client, 'join', (place) => this.#announce(dht, place))
    await this.#job.done
  }

  async #announce(dht: HyperDht, place: QueryPlace): Promise<void> {
    this.#hasBegun = true
    if (this.#isClosed) return
    this.#server = this.#createServer(dht)
    // HyperDHT asks for the signatures when its lookup has ended, for all of them at once.
    const signers = signersFor((body) => place.pause(() => this.#sign(body)))
    await this.#server.listen({ publicKey: this.publicKey }, signers)
    this.#isListening = true
  }

  /** Resolves after a moment if the announcement is still waiting for its turn. */
  #whenQueued(): Promise<void> {
    const { clock, dht } = this.#context
    return new Promise((resolve) => {
      if (dht === null) return
      const timer = clock.setTimeout(() => {
        if (!this.#hasBegun) resolve()
      }, QUEUE_PATIENCE_MS)
      const stop = (): void => clock.clearTimeout(timer)
      this.ready.then(stop, stop)
    })
  }

  #createServer(dht: HyperDht): DhtServer {
    const { addresses, counters, limits } = this.#context
    const punches = new HolePunches({
      ...this.#context,
      perMinute: limits.maxPunchPacketsPerMinute,
      owner: () => this.#owner.client,
      onLimit: () => counters.countLimitHit('maxPunchPacketsPerMinute')
    })
    const server = punches.nodeFor(dht).createServer({
      shareLocalAddress: false,
      createHandshake: () => new AcceptHandshake(this.#context, this.#owner, this.publicKey),
      createSecretStream: acceptStream,
      firewall: (_key, _payload, address) => !addresses.mayContact(address?.host ?? null),
      holepunch: (_remote, _local, remoteAddresses) => remoteAddresses.every(({ host }) => addresses.mayContact(host))
    })
    // The node does not know yet how large its DHT is. HyperDHT reads this with each handshake.
    return Object.defineProperty(server, '_shareLocalAddress', { get: () => addresses.usesLocalNetwork })
  }

  /** Asks the owner to sign, and asks the new owner if the key changes hands meanwhile. */
  async #sign(body: SignBody): Promise<Uint8Array> {
    for (;;) {
      this.#takeover ??= createAbort()
      const { signal } = this.#takeover
      try {
        return await this.#owner.client.sign(body, signal)
      } catch (error) {
        if (!signal.aborted || codeOf(error) !== 'ABORTED') throw error
      }
    }
  }
}

function acceptStream(
  _isInitiator: boolean,
  raw: RawStream | null,
  { handshake }: { handshake?: DhtHandshakeResult }
): SecretStreamLike {
  const stream = new StandInStream({
    onRawStream: (connected) => (handshake as AcceptedHandshake).accept(connected),
    onFailed: ignore
  })
  if (raw !== null) stream.start(raw)
  return stream
}

function ignore(): void {}
