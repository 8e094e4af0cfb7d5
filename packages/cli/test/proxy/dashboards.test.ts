import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { startProxy } from './support/proxy.js'

const FOLDER = new URL('../../../../docs/production/', import.meta.url)
/** Words of PromQL that look like names of metrics or labels, and what Prometheus adds to a scrape. */
const METRIC = /\bswarmway_proxy_\w+/g

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string }
}

interface Dashboard {
  readonly templating: { readonly list: { readonly name: string; readonly query: unknown }[] }
  readonly panels: {
    readonly id: number
    readonly title: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets: { readonly expr: string; readonly refId: string }[]
  }[]
}

const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8')
const alerts = (parse(read('alerts.yml')) as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules)
const dashboard = JSON.parse(read('grafana.json')) as Dashboard
const queries = [
  ...alerts.map(({ expr }) => expr),
  ...dashboard.panels.flatMap(({ targets }) => targets.map((one) => one.expr))
]

// A renamed metric would leave a plot empty, and an alert silent for ever.
test('the dashboard and the alerts ask for metrics that a server has', async () => {
  const { admin } = await startProxy()
  const text = await (await fetch(`${admin}/metrics`)).text()
  const served = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name))
  const asked = queries.flatMap((query) => query.match(METRIC) ?? [])
  expect(asked.length).toBeGreaterThan(15)
  expect(asked.filter((name) => !served.has(name))).toEqual([])
})

test.each(queries)('%s is balanced, and counters are asked for their rate', (query) => {
  for (const [open, close] of ['()', '{}', '[]']) {
    expect(query.split(open ?? '').length, `${open} and ${close}`).toBe(query.split(close ?? '').length)
  }
  for (const counter of query.match(/\w+_total/g) ?? [])
    expect(query).toMatch(new RegExp(`(rate|increase)\\(${counter}`))
})

test('each alert says how long, how bad and what to do', () => {
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length)
  for (const { annotations, for: duration, labels } of alerts) {
    expect(duration).toMatch(/^\d+[sm]$/)
    expect(['warning', 'critical']).toContain(labels.severity)
    expect(annotations.summary).toContain('$labels.instance')
    expect(annotations.description.length).toBeGreaterThan(20)
  }
})

test('panels of the dashboard do not overlap, and use only variables that it has', () => {
  const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`)
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  const names = new Set([...dashboard.templating.list.map(({ name }) => name), '__rate_interval'])
  const used = [...JSON.stringify(dashboard.panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? '')
  expect(used.filter((name) => !names.has(name))).toEqual([])
})
