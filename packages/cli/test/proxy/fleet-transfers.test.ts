/** Long transfers between clients of a fleet's processes, while those are drained, killed and started again. */
import { topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { describe, expect, test } from 'vitest'
import { ResumingTransfer } from '../../../proxy-client/test/support/resuming-transfer.js'
import { freeTcpPort, NatsServer, natsObstacle } from '../../../proxy-server/test/support/nats-server.js'
import { until } from '../../../runtime/test/support/until.js'
import { Cli } from './support/cli.js'
import { client } from './support/proxy.js'

const obstacle = natsObstacle()
if (obstacle !== null) console.warn(`skipped: transfers in a fleet (${obstacle})`)

const PAIRS = 4
const BYTES = 6 * 1024 * 1024
/** What is read before each of the three moments at which something happens to the servers. */
const PART_BYTES = BYTES / 4

/** A server on a port that it has again when it is started again. */
async function start(broker: NatsServer, port: number): Promise<Cli> {
  const own = ['--port', String(port), '--admin-port', 'off', '--rendezvous-only', '--drain-ms', '4000']
  const fleet = ['--fleet', broker.url, '--fleet-name', `s${port}`, '--fleet-url', `ws://127.0.0.1:${port}/`]
  const cli = new Cli(['proxy', ...own, ...fleet])
  await cli.logged('listening')
  return cli
}

describe.skipIf(obstacle !== null)('transfers both ways', () => {
  test('lose no byte while servers are drained, killed and started again, and the broker with them', async () => {
    const broker = await NatsServer.start()
    const ports = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort()]
    const urls = ports.map((port) => `ws://127.0.0.1:${port}/`)
    const [one, two] = await Promise.all(ports.map((port) => start(broker, port)))
    const ends = Array.from({ length: 2 * PAIRS }, (_, i) => {
      // The two of a pair begin at different servers, and each server has some of both.
      const inOrder = urls.map((_url, at) => urls[(at + i) % urls.length] ?? '')
      const swarm = client(inOrder[0] ?? '', {
        connect: websocket(...inOrder),
        serverOrder: 'listed',
        reconnectMaxMs: 1000
      })
      const end = new ResumingTransfer(swarm, BYTES)
      swarm.join(topicFrom(`pair ${i >> 1} of ${broker.port}`))
      return end
    })
    const haveRead = (parts: number) =>
      until(`${parts} parts`, () => ends.every(({ received }) => received >= parts * PART_BYTES))
    const readNext = (parts: number) => {
      for (const end of ends) end.limit = parts * PART_BYTES
      return haveRead(parts)
    }
    await readNext(1)
    // A planned restart.
    await one?.end('SIGTERM')
    await readNext(2)
    await start(broker, ports[0] ?? 0)
    // Two dies, and the broker with it.
    await Promise.all([two?.end('SIGKILL'), broker.kill()])
    await Promise.all([broker.start(), start(broker, ports[1] ?? 0)])
    await readNext(3)
    for (const end of ends) end.limit = Number.POSITIVE_INFINITY
    await until('everything has arrived', () => ends.every(({ received }) => received >= BYTES))
    for (let i = 0; i < ends.length; i += 2) {
      const [near, far] = [ends[i], ends[i + 1]]
      expect([near?.receivedHash, far?.receivedHash]).toEqual([far?.sentHash, near?.sentHash])
    }
    expect(ends.some(({ connections }) => connections > 1)).toBe(true)
  })
})
