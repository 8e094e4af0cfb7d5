import type { DuplexLike } from '@swarmway/proxy-protocol'
import { onTestFinished } from 'vitest'
import type { ProxyServer } from '../../../../proxy-server/src/index.js'
import { memory } from '../../support/transports.js'

/** Destroys something after the test, in reverse order of creation. */
export function keep<T extends { destroy(): Promise<unknown> }>(made: T): T {
  onTestFinished(async () => {
    await made.destroy()
  })
  return made
}

/** Opens duplexes to a server and hands it their other ends. */
export async function doorTo(server: Pick<ProxyServer, 'handleStream'>): Promise<() => DuplexLike> {
  const door = await memory()(server as ProxyServer)
  return () => door.connect() as DuplexLike
}
