/** Two clients that meet on a topic, again and again. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { serve } from '../lib/worker.ts'

/** Where the two are, and how often they meet. */
export interface PairsParams {
  urls: [string, string]
  rounds: number
}

serve({ meet })

/** Milliseconds from the second client's `join` until both have the connection, for each meeting. */
async function meet({ rounds, urls }: PairsParams): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await meetOnce(urls))
  return times
}

async function meetOnce(urls: [string, string]): Promise<number> {
  const [first, second] = urls.map((url) => new ProxyClient({ connect: websocket(url) })) as [ProxyClient, ProxyClient]
  for (const client of [first, second]) client.on('connection', (connection) => connection.on('error', ignore))
  await Promise.all([first, second].map((client) => client.connected || once(client, 'connected')))
  const topic = randomBytes(32)
  await first.join(topic).flushed()
  // The second one listens, too, before it joins: only the meeting is measured.
  await second.listen()
  const met = Promise.all([first, second].map((client) => once(client, 'connection')))
  const began = performance.now()
  second.join(topic)
  await met
  const took = performance.now() - began
  await Promise.all([first.destroy(), second.destroy()])
  return took
}

function ignore(): void {}
