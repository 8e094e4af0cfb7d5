import type { Benchmark, Measure, RunOptions } from '../lib/benchmark.ts'
import { figure } from '../lib/report.ts'
import {
  addFigures,
  CROWD_NOTE,
  type Figures,
  type Scene,
  SYSTEM,
  stateOf,
  untilQuiet,
  Watch,
  withCrowd
} from '../lib/scale-crowd.ts'
import { median } from '../lib/stats.ts'
import { Worker, withWorkers } from '../lib/worker.ts'
import type { ScaleState } from '../workers/scale-server.ts'

const SCENE: Scene = { clients: 10_000, topics: 1000, maxPeers: 1 }
const QUICK_SCENE: Scene = { clients: 200, topics: 20, maxPeers: 1 }
const BACK = 'after the kill: all connected again'

/** Whether one server bears as many clients as a server has, and all of them at once after a restart. */
export const proxyRestart: Benchmark = {
  name: 'proxy-restart',
  title: '10,000 clients on one proxy server, which is killed',
  async run(options) {
    const scene = options.isQuick ? QUICK_SCENE : SCENE
    const figures = new Map<string, Omit<Measure, 'name'>>()
    for (let round = 0; round < (options.rounds ?? 1); round++) addFigures(figures, await killedScene(scene, options))
    const back = median(figures.get(BACK)?.samples[SYSTEM] ?? [])
    const text = `all ${scene.clients} clients come back after the server was killed`
    return {
      measures: [...figures].map(([name, measure]) => ({ name, ...measure })),
      targets: [{ text, isReached: Number.isFinite(back), found: `${figure(back)} s` }],
      notes: [CROWD_NOTE, 'Then the server is killed with SIGKILL and another started on its port at once.']
    }
  }
}

/** Clients join one server, which is then killed and replaced by another on its port. */
async function killedScene(scene: Scene, { log }: RunOptions): Promise<Figures> {
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
        [BACK]: ['s', back],
        'after the kill: most links in one second': ['', Math.max(...linksBySecond)],
        'after the kill: sessions begun per client': ['', sessions / clients],
        'after the kill: connections': ['', after.connections]
      }
    })
  })
}
