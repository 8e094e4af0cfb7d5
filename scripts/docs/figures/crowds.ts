/** What idle clients cost that have only each other, and what a restart of their server takes. */
import { circumstances, figure, hasResults, measuresOf } from './results.ts'
import { table } from './sizing.ts'

const IDLE = /^(\d+) clients, (\d+) topics, up to (\d+) connections each: connections$/

export function crowds(): string {
  const idle = measuresOf('proxy-scale').flatMap((measure) => {
    const [, clients, topics] = IDLE.exec(measure) ?? []
    if (clients === undefined || topics === undefined) return []
    const of = (what: string) => figure('proxy-scale', measure.replace(/connections$/, what))
    return [
      [
        clients,
        topics,
        `${of('connections')}`,
        `${rounded(of('CPU when idle'))} %`,
        `${rounded(of('memory per client'))} kB`
      ]
    ]
  })
  const heads = ['clients', 'topics', 'connections', 'CPU of the server, of one core', 'memory per client']
  return [table(heads, idle), '', `From bench/results: ${circumstances('proxy-scale')}.`, ...restart()].join('\n')
}

/** Many clients at once are measured seldom, because that takes long. */
function restart(): string[] {
  if (!hasResults('proxy-restart')) return []
  const of = (what: string) => rounded(figure('proxy-restart', `after the kill: ${what}`))
  const clients = measuresOf('proxy-restart')[0]?.split(' ')[0]
  const back = `all are back within ${of('all connected again')} s, at most ${of('most links in one second')} in a second`
  return [
    '',
    `Of ${clients} clients of a server that is killed and restarted, ${back} (${circumstances('proxy-restart')}).`
  ]
}

function rounded(value: number): number {
  return Number(value.toPrecision(2))
}
