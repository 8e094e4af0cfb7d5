import type { FleetServerBody, MonotonicMs } from '@swarmway/proxy-protocol'
import type { Owner } from '../../fairness/fair-queue.js'

/** Another server of the fleet. */
export interface FleetServer extends Readonly<FleetServerBody> {
  /** Its public key in hex. */
  readonly id: string
  readonly publicKey: Uint8Array
  /** When it last described itself. */
  readonly heardMs: MonotonicMs
}

/** What a server says about itself, beside its key and its lease. */
export type OwnDescription = Omit<FleetServerBody, 'leaseMs' | 'topics'>

/** Keys of another server on a topic. */
export interface PresenceChange {
  readonly server: FleetServer
  /** The keys that it did not have there before. */
  readonly added: readonly Uint8Array[]
}

/** Is told about the other servers. */
export interface PresenceListener {
  /** What this server says about itself at the moment. */
  describe(): OwnDescription
  /** A server is there. */
  onServer(server: FleetServer): void
  /** A server has left, or its lease has ended: it has no key on any topic any more. */
  onServerGone(server: FleetServer): void
  /** Whether the other servers can be heard. */
  onState(isConnected: boolean): void
  /** The broker does not answer, or refuses something: servers do not hear of each other. Once in an outage. */
  onError?(error: Error): void
}

/**
 * Which client is at which server of a fleet. A server announces keys of its clients on topics, and watches the topics of
 * its clients. What a server has announced ends when it withdraws it, when the server leaves, or when the server has not
 * been heard for `leaseMs`. Topics are keyed hashes of 32 bytes: a broker cannot tell which topics they are.
 */
export interface Presence {
  /** The other servers, by id. */
  readonly servers: ReadonlyMap<string, FleetServer>
  /** Whether the other servers can be heard. While they cannot, what is known stays. */
  readonly isConnected: boolean
  /** This machine's address, as the others see it; null if unknown. Used once connected. */
  readonly localHost: string | null
  /** Begins. */
  start(listener: PresenceListener): void
  /**
   * Announces a key on a topic until it is withdrawn. With `isQuiet`, the others learn it only when they begin to watch the
   * topic: for topics that are rarely watched. What has to be sent for it, and for its end, waits for the turn of `owner`:
   * by network, then by client. A second call gives the announcement another owner.
   */
  announce(topic: Uint8Array, publicKey: Uint8Array, owner: Owner, isQuiet?: boolean): void
  /** Withdraws an announcement. */
  withdraw(topic: Uint8Array, publicKey: Uint8Array): void
  /**
   * Reports keys of other servers on a topic, those that are known and those that appear, until the returned function is
   * called. For a topic with many keys, it is a sample. The others are asked in the turn of `owner`.
   */
  watch(topic: Uint8Array, owner: Owner, onChange: (change: PresenceChange) => void): () => void
  /** If the others have not been asked about the watched topic yet, they may be asked in the turn of this owner, too. */
  hasten(topic: Uint8Array, owner: Owner): void
  /** The servers that have the key on a watched topic are among these; a sample of the topic's keys. */
  keysOn(topic: Uint8Array): Iterable<{ readonly publicKey: Uint8Array; readonly server: FleetServer }>
  /** Tells the others that the description has changed. */
  update(): void
  /** Withdraws everything and leaves. */
  close(): Promise<void>
}
