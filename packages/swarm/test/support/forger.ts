import type { Hello } from '../../src/handshake/extension.js'
import { ExtendedHandshake, type HandshakePart } from '../../src/handshake/noise.js'
import { topicProofs } from '../../src/handshake/topic-proofs.js'
import type { KeyPair } from '../../src/util/keys.js'
import { fakeCodec } from './fake-handshake.js'
import type { FakeNetwork } from './fake-network.js'
import type { FakeNode } from './fake-node.js'

/** What a forger puts into its handshakes. */
export interface Forgery {
  topics?: Uint8Array[]
  statements?: Uint8Array[]
  isTopicUpdate?: boolean
  /** Asks for another path of an existing connection. */
  sparePathId?: number
}

/** A peer that makes its handshakes by hand, and remembers what it received in them. */
export class Forger {
  readonly keyPair: KeyPair
  /** The blocks that were received. */
  readonly heard: Hello[] = []
  /** Connections that were accepted, or dialled ones that opened. */
  opened = 0
  readonly #node: FakeNode
  readonly #network: FakeNetwork
  readonly #forgery: Forgery

  constructor(network: FakeNetwork, keyPair: KeyPair, forgery: Forgery = {}) {
    this.#network = network
    this.#node = network.createNode({ keyPair })
    this.keyPair = keyPair
    this.#forgery = forgery
  }

  /** Resolves to the code with which it ended, or OPENED. */
  dial(publicKey: Uint8Array): Promise<string> {
    const connection = this.#node.connect(publicKey, {
      keyPair: this.keyPair,
      createHandshake: (keyPair, remote) => new ExtendedHandshake(keyPair, remote, fakeCodec, this.#part(publicKey))
    })
    return new Promise((resolve) => {
      connection.on('error', (error) => resolve((error as Error & { code: string }).code))
      connection.on('close', () => resolve('CLOSED'))
      connection.on('open', () => {
        this.opened++
        resolve('OPENED')
      })
    })
  }

  /** Accepts every peer, and is found on the topic. */
  async listen(topic: Uint8Array): Promise<void> {
    const server = this.#node.createServer(
      {
        createHandshake: (keyPair, remote) => new ExtendedHandshake(keyPair, remote, fakeCodec, this.#part(null)),
        firewall: () => false
      },
      (connection) => {
        connection.on('error', () => {})
        this.opened++
      }
    )
    await server.listen(this.keyPair)
    this.#network.store(topic, { publicKey: this.keyPair.publicKey, relayAddresses: [] })
  }

  /** `responder` is null on the answering side. */
  #part(responder: Uint8Array | null): HandshakePart {
    const { publicKey } = this.keyPair
    const { topics = [], statements = [], isTopicUpdate = false, sparePathId } = this.#forgery
    let remote = responder ?? publicKey
    return {
      hello: () => {
        const keys =
          responder === null ? { initiator: remote, responder: publicKey } : { initiator: publicKey, responder }
        const proofs = topicProofs(topics, responder === null ? 'responder' : 'initiator', keys)
        const hello = { incarnation: new Uint8Array(8), epoch: 1, proofs, refusal: null, statements, isTopicUpdate }
        return sparePathId === undefined ? hello : { ...hello, sparePathId }
      },
      received: (hello, remotePublicKey) => {
        remote = remotePublicKey
        if (hello !== null) this.heard.push(hello)
      },
      malformed: () => {}
    }
  }
}
