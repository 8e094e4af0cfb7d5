import { ExtendedHandshake, type PayloadCodec } from '../handshake/noise.js'
import type { CreateSecretStream, RelayChoice, ServerOptions } from '../network/dht-node.js'
import { Admission, type AdmissionContext, type Verdict } from './admission.js'
import { IncomingHandshake } from './incoming.js'

/** What the gate needs. */
export interface GateContext extends AdmissionContext {
  /** Null if the node's handshake payload is unknown; handshakes then carry no block of ours. */
  readonly codec: PayloadCodec | null
  /** See `SwarmNetwork`. */
  readonly createSecretStream: CreateSecretStream | undefined
  /** The relay to use for a connection. */
  relay(force: boolean): RelayChoice
}

/** Connects the node's server to the admission: matches each handshake's block with its verdict. */
export class Gate {
  readonly #context: GateContext
  readonly #admission: Admission
  /** Keyed by decoded payload, which the node passes from the handshake to the firewall. */
  readonly #incoming = new WeakMap<object, IncomingHandshake>()

  constructor(context: GateContext) {
    this.#context = context
    this.#admission = new Admission(context)
  }

  serverOptions(handshakeClearWait: number | undefined): ServerOptions {
    const { codec, createSecretStream, identity } = this.#context
    return {
      firewall: (remotePublicKey, payload, address) =>
        this.#refuses(remotePublicKey, payload, address?.countedHost ?? address?.host),
      relayThrough: () => this.#context.relay(false),
      ...(handshakeClearWait !== undefined && { handshakeClearWait }),
      ...(identity.hasPaths && createSecretStream && { createSecretStream }),
      ...(codec && {
        createHandshake: (keyPair, remotePublicKey) => {
          const incoming = new IncomingHandshake(this.#context)
          const decode = (bytes: Uint8Array) => this.#remember(codec.decode(bytes), incoming)
          return new ExtendedHandshake(keyPair, remotePublicKey, { ...codec, decode }, incoming)
        }
      })
    }
  }

  #remember(payload: object, incoming: IncomingHandshake): object {
    this.#incoming.set(payload, incoming)
    return payload
  }

  #refuses(remotePublicKey: Uint8Array, payload: object, host?: string): boolean | Promise<boolean> {
    const { codec } = this.#context
    const incoming = this.#incoming.get(payload) ?? null
    // HyperDHT keeps the payload as long as the connection.
    this.#incoming.delete(payload)
    if (incoming !== null && codec?.isOffer(payload) === false) return false
    const verdict = this.#admission.decide(remotePublicKey, payload, incoming, host)
    if (verdict instanceof Promise) return verdict.then((late) => this.#carryOut(late, payload, incoming))
    return this.#carryOut(verdict, payload, incoming)
  }

  /** True leaves the handshake unanswered; a refusal with a reason needs an answer. */
  #carryOut(verdict: Verdict, payload: object, incoming: IncomingHandshake | null): boolean {
    if (verdict === 'accept') return false
    const { codec } = this.#context
    if (verdict === 'ignore' || incoming === null || codec === null) return true
    incoming.refusal = verdict
    codec.refuse(payload)
    return false
  }
}
