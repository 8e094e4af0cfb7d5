import { Readable } from 'streamx'
import type { ClosestNode, DiscoveredPeer, QueryOptions, QueryReply } from '../../src/network/dht-node.js'

export type FakeQueryKind = 'lookup' | 'announce' | 'lookupAndUnannounce'

/** A query of a fake node. Like a real one, it is a streamx readable, even in its error when destroyed half way. */
export class FakeQuery extends Readable {
  readonly kind: FakeQueryKind
  readonly topic: Uint8Array
  readonly options: QueryOptions
  closestNodes: ClosestNode[]
  hasEnded = false

  constructor(kind: FakeQueryKind, topic: Uint8Array, options: QueryOptions) {
    super()
    this.kind = kind
    this.topic = topic
    this.options = options
    this.closestNodes = options.closestNodes ?? []
  }

  reply(peers: DiscoveredPeer[]): void {
    const reply: QueryReply = { peers }
    if (!this.destroying) this.push(reply)
  }

  end(closestNodes: ClosestNode[]): void {
    if (this.destroying) return
    this.hasEnded = true
    this.closestNodes = closestNodes
    this.push(null)
  }

  fail(error: Error): void {
    this.destroy(error)
  }

  finished(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.resume()
      this.once('error', reject)
      this.once('close', resolve)
    })
  }
}
