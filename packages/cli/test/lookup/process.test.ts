import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Swarm, topicFrom } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { run, start } from '../support/command.js'
import { temporaryFolder, useNetwork } from '../support/net.js'

const network = useNetwork()

/** A peer announced on a topic. */
async function announced(topic: Uint8Array): Promise<string> {
  const swarm = new Swarm({ dht: network().node() })
  onTestFinished(() => swarm.destroy())
  await swarm.join(topic).flushed()
  return Buffer.from(swarm.keyPair.publicKey).toString('hex')
}

test('lists all peers on a topic, given by name or in hex, natively or through a proxy server', async () => {
  const { native, proxy } = network()
  const topic = topicFrom('lookup test')
  const keys = [await announced(topic), await announced(topic)].sort()
  const outcome = await run(['lookup', 'lookup test', ...native])
  expect(outcome).toMatchObject({ code: EXIT.ok, stderr: '' })
  const lines = outcome.stdout.toString().trim().split('\n').sort()
  expect(lines.map((line) => line.split(' ')[0])).toEqual(keys)
  for (const line of lines) expect(line).toMatch(/^[0-9a-f]{64}( 127\.0\.0\.1:\d+)+$/)
  const hex = Buffer.from(topic).toString('hex')
  const proxied = await run(['lookup', hex, '--json', '--proxy', await proxy()])
  const { peers, topic: shown } = JSON.parse(proxied.stdout.toString())
  expect(shown).toBe(hex)
  expect(peers.map(({ publicKey }: { publicKey: string }) => publicKey).sort()).toEqual(keys)
})

test('lists peers of a pipe, a chat or a share, each under its own topic', async () => {
  const { native } = network()
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), randomBytes(10))
  const sharing = start(['share', folder, '--storage', temporaryFolder(), ...native])
  await sharing.prints('\n')
  const found = await run(['lookup', sharing.stdout.toString().trim(), '--as', 'share', ...native])
  expect(found.code).toBe(EXIT.ok)
  const chatting = start(['chat', 'room', '--listen', ...native])
  await chatting.says('Waiting')
  while ((await run(['lookup', 'room', '--as', 'chat', ...native])).code !== EXIT.ok) await chatting.says('Waiting')
  const [asPipe, asTopic] = await Promise.all([
    run(['lookup', 'room', '--as', 'pipe', ...native]),
    run(['lookup', 'room', '--json', ...native])
  ])
  expect(asPipe).toMatchObject({ code: EXIT.notFound, stderr: expect.stringContaining('No peer is announced') })
  expect(asTopic).toMatchObject({ code: EXIT.notFound, stderr: expect.stringContaining('add --as') })
  expect(JSON.parse(asTopic.stdout.toString()).peers).toEqual([])
})

test('an invalid topic is a usage error', async () => {
  const [kind, empty, key] = await Promise.all([
    run(['lookup', 'x', '--as', 'room']),
    run(['lookup', '']),
    run(['lookup', 'x', '--as', 'share'])
  ])
  expect([kind.code, empty.code, key.code]).toEqual([EXIT.usage, EXIT.usage, EXIT.usage])
})
