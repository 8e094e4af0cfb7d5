import type { SwarmContext } from '../context.js'
import type { Hello, Refusal } from '../handshake/extension.js'
import type { HandshakePart } from '../handshake/noise.js'
import { provenTopics, topicProofs } from '../handshake/topic-proofs.js'

/** The accepting side of one handshake: reads the remote's block, and answers with ours. */
export class IncomingHandshake implements HandshakePart {
  remoteHello: Hello | null = null
  /** Topics of ours that the remote has proved to know. */
  topics: Uint8Array[] = []
  /** Set by the admission to refuse with a reason. */
  refusal: Refusal | null = null
  readonly #context: SwarmContext
  #remotePublicKey: Uint8Array | null = null

  constructor(context: SwarmContext) {
    this.#context = context
  }

  received(hello: Hello | null, remotePublicKey: Uint8Array): void {
    this.remoteHello = hello
    this.#remotePublicKey = remotePublicKey
    if (hello === null) return
    const topics = this.#context.topics.all()
    this.topics = provenTopics(hello.proofs, topics, 'initiator', this.#keys(remotePublicKey))
  }

  malformed(): void {
    this.#context.stats.malformedHandshakes++
  }

  hello(): Hello {
    const { identity } = this.#context
    const remote = this.#remotePublicKey
    if (this.refusal !== null || remote === null) return identity.hello([], this.refusal)
    return identity.hello(topicProofs(this.topics, 'responder', this.#keys(remote)), null)
  }

  #keys(remotePublicKey: Uint8Array) {
    return { initiator: remotePublicKey, responder: this.#context.identity.keyPair.publicKey }
  }
}
