import type { ScaleState } from '../workers/scale-server.ts'
import type { RunOptions } from './benchmark.ts'
import { type Figures, type Scene, stateOf, untilQuiet, Watch, withCrowd } from './scale-crowd.ts'
import { Worker, withWorkers } from './worker.ts'

/** Clients that join one server, which is then killed and replaced by another on its port. */
export async function killedScene(scene: Scene, { log }: Pick<RunOptions, 'log'>): Promise<Figures> {
  const { clients } = scene
  log(`${clients} clients on one server, which is killed`)
  return withCrowd(scene, async (server, crowd, join, port) => {
    const first = new Watch(crowd, log)
    const joined = join()
    const connected = await first.until((state) => state.connected === clients)
    const found = await first.until((state) => state.found === clients)
    await joined
    await untilQuiet(crowd, clients)
    const before = await server.call<ScaleState>('state')
    await Promise.all(crowd.map((worker) => worker.call('mark')))
    await server.end()
    const next = new Worker('scale-server', ['--expose-gc'])
    return withWorkers([next], async () => {
      const second = new Watch(crowd, log)
      await next.call('start', { port })
      const back = await second.until((state) => state.connected === clients)
      const { linksBySecond } = await stateOf(crowd)
      const { sessions } = await next.call<ScaleState>('state')
      await untilQuiet(crowd, clients)
      const after = await next.call<ScaleState>('state')
      return {
        [`${clients} clients: all connected`]: ['s', connected],
        [`${clients} clients: all know a peer`]: ['s', found],
        [`${clients} clients: memory of the server`]: ['MB', before.rss / 1e6],
        [`${clients} clients: connections`]: ['', before.connections],
        'after the kill: all connected again': ['s', back],
        'after the kill: most links in one second': ['', Math.max(...linksBySecond)],
        'after the kill: sessions begun per client': ['', sessions / clients],
        'after the kill: connections': ['', after.connections]
      }
    })
  })
}
