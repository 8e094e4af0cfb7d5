/** Processes of the tier, and what somebody honest does with them. */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Swarm } from '@swarmway/swarm'
import { onTestFinished } from 'vitest'
import { answer } from '../../../../test/support/child.js'
import { ProxyClient } from '../../src/index.js'
// @ts-expect-error: plain JavaScript, run by the attacker's process too
import { connectFrom } from './stranger.mjs'

/** A DHT with a native peer. */
export interface Network {
  child: ChildProcess
  bootstrap: { host: string; port: number }[]
  /** Of the native peer. */
  publicKey: string
}

/** Of a proxy server. */
export interface Ports {
  tcpPort: number
  webPort: number
}

/** Does once what is measured. Returns its milliseconds. */
export type Measure = () => Promise<number>

/** Each join is that of another client: one that joined again and again would not be one that begins little. */
let honestCount = 0

export async function startNetwork(): Promise<Network> {
  const child = start('network.mjs')
  return { child, ...(await answer<Omit<Network, 'child'>>(child)) }
}

export function startServer({ bootstrap }: Network): Promise<Ports> {
  return answer<Ports>(start('server.mjs', JSON.stringify(bootstrap)))
}

/** A client on this topic, in a process of its own. */
export async function startClient({ tcpPort }: Ports, topic: string): Promise<ChildProcess> {
  const child = start('client.mjs', nextAddress(), `${tcpPort}`, topic)
  await answer(child)
  return child
}

/** A native peer that takes few connections. */
export function startPeer({ bootstrap }: Network, topic: Uint8Array): Promise<object> {
  return answer(start('limited.mjs', Buffer.from(topic).toString('hex'), JSON.stringify(bootstrap)))
}

/** Resolves when the attack is in full force. */
export function startAttack(attack: string, target: object): Promise<unknown> {
  return answer(start('attacker.mjs', attack, JSON.stringify(target)))
}

/** A new client joins a topic, is announced, and connected to the native peer. */
export async function joinMs(network: Network, { tcpPort }: Ports): Promise<number> {
  const topic = randomBytes(32)
  await ask(network.child, { join: topic.toString('hex') })
  const address = nextAddress()
  const begin = performance.now()
  const client = new ProxyClient({ connect: () => connectFrom(address, tcpPort) })
  const connected = new Promise<void>((resolve) => client.once('connection', () => resolve()))
  client.on('connection', (connection) => connection.on('error', () => {}))
  await Promise.all([client.join(topic).flushed(), connected])
  const elapsedMs = performance.now() - begin
  await client.destroy()
  return elapsedMs
}

/** The client of that process joins a topic, is announced, and connected to the native peer. */
export async function clientJoinMs({ publicKey }: Network, child: ChildProcess): Promise<number> {
  const { elapsedMs } = await ask<{ elapsedMs: number }>(child, { join: randomBytes(32).toString('hex'), publicKey })
  return elapsedMs
}

/** A new native peer looks a topic up, connects to the peer on it, and has something sent back. */
export async function connectMs({ bootstrap }: Network, topic: Uint8Array): Promise<number> {
  const begin = performance.now()
  const swarm = new Swarm({ bootstrap, host: '127.0.0.1' })
  const echoed = new Promise((resolve) =>
    swarm.on('connection', (connection) => {
      connection.on('error', () => {}).once('data', resolve)
      connection.write(Buffer.from('hello'))
    })
  )
  swarm.join(topic, { server: false })
  await echoed
  const elapsedMs = performance.now() - begin
  await swarm.destroy()
  return elapsedMs
}

function nextAddress(): string {
  return `203.0.113.${++honestCount % 256}`
}

/** Starts a program of this folder. */
function start(file: string, ...args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function ask<T>(child: ChildProcess, message: object): Promise<T> {
  const answered = new Promise<T>((resolve) => child.once('message', (reply) => resolve(reply as T)))
  child.send(message)
  return answered
}
