import type { Status } from '../terminal/status.js'
import type { NetworkOptions } from './options.js'

/** Words that a shell takes as they are. */
const PLAIN = /^[\w@%+=:,./-]+$/

/** A command line for the other side, right when it is typed as shown: with the proxy servers and the DHT in use. */
export function typedCommand(words: readonly string[], { bootstrap = [], proxy = [] }: NetworkOptions): string {
  const options = [...proxy.flatMap((url) => ['--proxy', url]), ...bootstrap.flatMap((node) => ['--bootstrap', node])]
  return ['swarmway', ...words, ...options].map(quote).join(' ')
}

/** Says that the other side needs the token as well: it is a secret, and so not shown. */
export function sayTokenNeeded({ proxy, token }: NetworkOptions, status: Status): void {
  if (proxy !== undefined && token !== undefined) status.say('The other side also needs the token of the proxy server.')
}

function quote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
