import { NodeShare } from '../swarm/node-share.js'
import { watchLeftNode } from './left-open.js'

/** Ends a {@link holdNode}. */
export interface NodeHold {
  /** Says whether nobody uses the node any more. With `isWatched`, such a node does not keep the process running. */
  release(isWatched: boolean): boolean
}

/** For something other than a swarm that uses a HyperDHT node: until `release`, swarms on the node leave it open and awake. */
export function holdNode(node: object): NodeHold {
  const end = NodeShare.hold(node)
  return {
    release: (isWatched) => {
      const isLast = end()
      if (isLast && isWatched) watchLeftNode(node)
      return isLast
    }
  }
}
