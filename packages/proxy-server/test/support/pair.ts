import { duplexPair } from 'node:stream'

/** Two connected duplexes. As with a socket, the end of one soon ends the other. */
export function pair() {
  const ends = duplexPair()
  const [a, b] = ends
  for (const [end, other] of [[a, b] as const, [b, a] as const]) {
    end.on('error', () => {})
    end.on('close', () => setImmediate(() => other.destroy()))
  }
  return ends
}
