import { randomBytes } from 'node:crypto'
import type { Swarm } from '@swarmway/swarm'
import { EXIT } from '../shared/errors/exit-codes.js'
import type { NetworkOptions } from '../shared/network/options.js'
import { reachesDht } from '../shared/network/reach.js'
import { formatDuration } from '../shared/terminal/format.js'
import type { Finding } from './finding.js'
import { type NatView, natFinding } from './nat.js'

/** Checks whether the DHT can be reached, and through what kind of NAT. */
export async function checkDht({ bootstrap, host }: NetworkOptions, signal: AbortSignal): Promise<Finding[]> {
  const { Swarm } = await import('@swarmway/swarm')
  const swarm = new Swarm({ bootstrap, host })
  const destroy = () => void swarm.destroy({ force: true })
  signal.addEventListener('abort', destroy, { once: true })
  // While the swarm was loaded.
  if (signal.aborted) destroy()
  try {
    return await examine(swarm)
  } finally {
    signal.removeEventListener('abort', destroy)
    await swarm.destroy()
  }
}

async function examine(swarm: Swarm): Promise<Finding[]> {
  const began = performance.now()
  if (!(await reachesDht(swarm))) return [UNREACHABLE]
  const elapsedMs = Math.round(performance.now() - began)
  const text = `The DHT answers over UDP after ${elapsedMs < 1000 ? `${elapsedMs} ms` : formatDuration(elapsedMs)}.`
  // Ask more nodes for our address as they see it.
  await swarm.dht.lookup(randomBytes(32)).finished()
  const nat = natFinding(swarm.dht as unknown as NatView)
  return [{ check: 'dht', level: 'ok', text, data: { elapsedMs } }, nat]
}

const UNREACHABLE: Finding = {
  check: 'dht',
  level: 'fail',
  text: 'No node of the DHT answers over UDP.',
  hint: 'Check that this machine is online and its firewall lets UDP out, or use a proxy server (--proxy wss://...).',
  exitCode: EXIT.unreachable
}
