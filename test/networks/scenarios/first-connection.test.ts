/** The first connection of a fresh swarm, with a node that knows nobody yet. */
import { randomBytes } from 'node:crypto'
import { test } from 'vitest'
import type { Figures } from '../../../bench/lib/rounds.ts'
import type { Worker } from '../../../bench/lib/worker.ts'
import type { CallParams } from '../agents/caller.ts'
import type { NetworkSystem } from '../agents/swarms.ts'
import { DhtNetwork } from '../lab/dht.ts'
import { type Lab, withLab } from '../lab/lab.ts'
import { expectAtMost, recordRounds } from '../support/measures.ts'
import { includes } from '../support/settings.ts'
import { TURN_LIMIT_MS, withTurn } from '../support/turns.ts'

const SYSTEMS = ['swarmway', 'hyperswarm'] as const
/** One way, for a round trip of 50 ms. */
const LINK = { delayMs: 12.5 }
const ROUNDS = 9
/** Of a busy machine. */
const CEILING_MS = 10_000
const NAME = 'first connection, round trip 50 ms'
/** What the calling swarm does, and where both are. */
const CASES = [
  { measure: 'from making the swarm, ms', isServer: false, isAtHome: false },
  { measure: 'also announced, ms', isServer: true, isAtHome: false },
  { measure: 'both behind NATs, ms', isServer: false, isAtHome: true },
  { measure: 'also announced, both behind NATs, ms', isServer: true, isAtHome: true }
] as const
type Case = (typeof CASES)[number]

test.skipIf(!includes('normal'))(NAME, { timeout: 300_000 + TURN_LIMIT_MS }, (context) =>
  withTurn('busy', () =>
    withLab(async (lab) => {
      const { bootstrap } = await DhtNetwork.start(lab, { link: LINK })
      const pairs = new Map<string, Ends>()
      const round = async (system: NetworkSystem, { isAtHome, isServer }: Case): Promise<number> => {
        const params: CallParams = { system, bootstrap, isServer, topic: randomBytes(32).toString('hex') }
        const name = `${system}-${isAtHome ? 'home' : 'public'}`
        const { called, caller } = pairs.get(name) ?? (await ends(lab, name, isAtHome))
        pairs.set(name, { called, caller })
        await called.call('announce', params)
        return caller.call<number>('call', params)
      }
      // The first of a process does not count: its code is not compiled yet.
      for (const system of SYSTEMS) for (const one of CASES) await round(system, one)
      const measure = async (system: NetworkSystem) => {
        const figures: Figures = {}
        for (const one of CASES) figures[one.measure] = await round(system, one)
        return figures
      }
      const samples = await recordRounds(context, NAME, SYSTEMS, measure, ROUNDS)
      for (const one of CASES) expectAtMost(samples[one.measure] ?? {}, CEILING_MS)
    })
  )
)

/** The processes of a system. */
interface Ends {
  readonly called: Worker
  readonly caller: Worker
}

async function ends(lab: Lab, name: string, isAtHome: boolean): Promise<Ends> {
  const host = (role: string) =>
    isAtHome ? lab.home(`${name}-${role}`, 'port-restricted', LINK) : lab.host(`${name}-${role}`, LINK)
  return { called: lab.agent(await host('called'), 'caller'), caller: lab.agent(await host('caller'), 'caller') }
}
