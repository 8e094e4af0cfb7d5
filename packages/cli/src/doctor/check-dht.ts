import { randomBytes } from 'node:crypto'
import { Swarm } from '@swarmway/swarm'
import { EXIT } from '../shared/exit-codes.js'
import { formatDuration } from '../shared/format.js'
import type { NetworkOptions } from '../shared/network-options.js'
import { reachesDht } from '../shared/network-reach.js'
import type { Finding } from './finding.js'
import { type NatView, natFinding } from './nat.js'

/** Whether the DHT can be reached from here, and through what kind of NAT. */
export async function checkDht({ bootstrap, host }: NetworkOptions, signal: AbortSignal): Promise<Finding[]> {
  const swarm = new Swarm({ bootstrap, host })
  const destroy = () => void swarm.destroy({ force: true })
  signal.addEventListener('abort', destroy, { once: true })
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
  const text = `The DHT answers over UDP, after ${elapsedMs < 1000 ? `${elapsedMs} ms` : formatDuration(elapsedMs)}.`
  // More nodes to hear our address from.
  await swarm.dht.lookup(randomBytes(32)).finished()
  const nat = natFinding(swarm.dht as unknown as NatView)
  return [{ check: 'dht', level: 'ok', text, data: { elapsedMs } }, nat]
}

const UNREACHABLE: Finding = {
  check: 'dht',
  level: 'fail',
  text: 'No node of the DHT answers over UDP.',
  hint: 'Is this machine online, and does its firewall let UDP out? A proxy server (--proxy wss://...) needs none.',
  exitCode: EXIT.unreachable
}
