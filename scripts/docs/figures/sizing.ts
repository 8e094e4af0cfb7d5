/** The resources that a proxy server needs, from measurements. */
import { circumstances, figure } from './results.ts'

/** Numbers of clients and of streams per client, for the examples. */
const EXAMPLES = [
  [100, 4],
  [1000, 4],
  [1000, 32],
  [5000, 4]
] as const

export function sizing(): string {
  const client = memoryPer('client')
  const stream = memoryPer('stream')
  const load = (measure: string) => figure('proxy-throughput', `CPU of the server, ${measure}`)
  const spliced = figure('proxy-splice', 'CPU of the servers', 'swarmway, spliced')
  const rows = [
    ['an idle client', `${round(client)} kB of memory`],
    ['an idle connection of a client to a native peer', `${round(stream)} kB of memory`],
    ['1 GB from a native peer to a client', cpu(load('native to client'))],
    ['1 GB from a client to a native peer', cpu(load('client to native'))],
    ['1 GB from one client to another of this server', cpu(spliced)]
  ]
  const examples = EXAMPLES.map(([clients, streams]) => {
    const megabytes = (clients * (client + streams * stream)) / 1000
    return [String(clients), String(streams), `${round(megabytes)} MB`]
  })
  return [
    table(['what', 'costs'], rows),
    '',
    table(['clients', 'connections of each', 'memory when idle, on top of the process'], examples),
    '',
    `From bench/results: ${circumstances('proxy-memory')}.`
  ].join('\n')
}

/** Bytes allocated or pages occupied, whichever is more: pages grow in steps, and are what you pay for. */
function memoryPer(what: 'client' | 'stream'): number {
  const allocated =
    figure('proxy-memory', `per ${what}: heap`) + figure('proxy-memory', `per ${what}: outside the heap`)
  return Math.max(allocated, figure('proxy-memory', `per ${what}: RSS`))
}

function cpu(secondsPerGb: number): string {
  return `${round(secondsPerGb)} s of one core, so at most ${round(1000 / secondsPerGb)} MB/s per core`
}

function round(value: number): number {
  return Number(value.toPrecision(2))
}

/** A table in Markdown. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
