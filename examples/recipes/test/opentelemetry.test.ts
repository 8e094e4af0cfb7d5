import { SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { topicFrom } from '@swarmway/proxy-client'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../packages/runtime/test/support/until.ts'
import { exportTraces } from '../opentelemetry/telemetry.ts'
import { createSwarms } from './swarms.ts'

function observe() {
  const spans = new InMemorySpanExporter()
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })
  const [tracers, meters] = [
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
    new MeterProvider({ readers: [reader] })
  ]
  const stop = exportTraces({ tracer: tracers.getTracer('test'), meter: meters.getMeter('test') })
  onTestFinished(async () => {
    stop()
    await Promise.all([tracers.shutdown(), meters.shutdown()])
  })
  const metric = async (name: string) => {
    await reader.forceFlush()
    const all =
      metrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
    return all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
  }
  return { stop, metric, finished: () => spans.getFinishedSpans() }
}

test('dials, connections and sessions become spans, and events are counted', async () => {
  const { finished, metric } = observe()
  const swarms = await createSwarms(2)
  for (const swarm of swarms) swarm.join(topicFrom('recipes: telemetry'))
  await until('both to be connected', () => swarms.every(({ connections }) => connections.size === 1))
  const dial = () =>
    finished().find(({ attributes, name }) => name === 'swarmway.dial' && attributes['swarmway.outcome'] === 'opened')
  await until('a dial to be exported', () => dial() !== undefined)
  expect(dial()?.attributes).toMatchObject({ 'swarmway.peer': expect.stringMatching(/^[0-9a-f]{8}$/) })
  await Promise.all(swarms.map((swarm) => swarm.destroy()))
  await until('a session to be exported', () => finished().some(({ name }) => name === 'swarmway.server.session-open'))
  const opened = (await metric('swarmway.events')).filter(({ attributes }) => attributes['event'] === 'connection-open')
  expect(opened).toMatchObject([{ value: 2 }])
  const durations = await metric('swarmway.duration')
  expect(durations.map(({ attributes }) => attributes['operation'])).toContain('swarmway.dial')
})

test('a dial that fails is an error with its code, and nothing is exported after the end', async () => {
  const { finished, stop } = observe()
  const [swarm] = await createSwarms(1)
  if (swarm === undefined) throw new Error('one is needed')
  swarm.joinPeer(Buffer.alloc(32, 7))
  const failed = () => finished().find(({ attributes }) => attributes['swarmway.outcome'] === 'failed')
  await until('a failed dial to be exported', () => failed() !== undefined)
  expect(failed()).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: 'PEER_NOT_FOUND' } })
  stop()
  const count = finished().length
  await swarm.destroy()
  expect(finished()).toHaveLength(count)
})
