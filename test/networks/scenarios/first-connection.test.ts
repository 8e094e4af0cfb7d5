/** The first connection of a fresh swarm, with a node that knows nobody yet. */
import { randomBytes } from 'node:crypto'
import { test } from 'vitest'
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
const MEASURE = 'from making the swarm, ms'
const NAME = 'first connection, round trip 50 ms'

test.skipIf(!includes('normal'))(NAME, { timeout: 300_000 + TURN_LIMIT_MS }, (context) =>
  withTurn('busy', () =>
    withLab(async (lab) => {
      const { bootstrap } = await DhtNetwork.start(lab, { link: LINK })
      const callers = new Map<NetworkSystem, Ends>()
      for (const system of SYSTEMS) callers.set(system, await ends(lab, system))
      const round = async (system: NetworkSystem): Promise<number> => {
        const params: CallParams = { system, bootstrap, topic: randomBytes(32).toString('hex') }
        const { called, caller } = callers.get(system) ?? (await ends(lab, system))
        await called.call('announce', params)
        return caller.call<number>('call', params)
      }
      // The first of a process does not count: its code is not compiled yet.
      for (const system of SYSTEMS) await round(system)
      const measure = async (system: NetworkSystem) => ({ [MEASURE]: await round(system) })
      const samples = await recordRounds(context, NAME, SYSTEMS, measure, ROUNDS)
      expectAtMost(samples[MEASURE] ?? {}, CEILING_MS)
    })
  )
)

/** The processes of a system. */
interface Ends {
  readonly called: Worker
  readonly caller: Worker
}

async function ends(lab: Lab, system: NetworkSystem): Promise<Ends> {
  const called = lab.agent(await lab.host(`${system}-called`, LINK), 'caller')
  const caller = lab.agent(await lab.host(`${system}-caller`, LINK), 'caller')
  return { called, caller }
}
