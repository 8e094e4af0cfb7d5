/**
 * Two swarms with one key pair, such as two tabs with one seed. Each took the other for a restart of itself in the eyes
 * of a third peer, so that each ended the other's connection with that peer, for ever.
 */
import type { DialFailure } from '@swarmway/swarm/core'
import { createKeyPair } from '@swarmway/swarm/core'
import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyClient } from '../../src/index.js'
import { connectionBetween, createRig, shownBy, useTestnet } from '../support/rig.js'
import { echo } from '../support/transfer.js'

const testnet = useTestnet()

describe.each(['one server', 'two servers'])('two tabs with one seed at %s', (where) => {
  async function tabs(keyPair = createKeyPair()) {
    const rig = await createRig({ testnet: testnet() })
    const door = where === 'two servers' ? (await rig.createServer()).door : undefined
    const topic = freshTopic()
    const older = rig.createSwarm({ keyPair })
    const newer = () => rig.createSwarm({ keyPair, ...(door && { door }) })
    const peer = rig.createNative()
    for (const swarm of [peer, older]) swarm.join(topic)
    await connectionBetween(older, peer)
    return { rig, topic, older, newer, peer }
  }

  /** `dial-error` codes of a swarm. */
  function codesOf(swarm: ProxyClient): string[] {
    const codes: string[] = []
    swarm.on('dial-error', (failure: DialFailure) => codes.push(failure.code))
    return codes
  }

  test('the newer one has the connection with a peer, and the older one is told and takes nothing back', async () => {
    const { newer, older, peer, topic } = await tabs()
    const shown = shownBy(peer)
    const codes = codesOf(older)
    const second = newer()
    second.join(topic)
    await until('the newer one has it', () => second.connections.size === 1 && older.connections.size === 0)
    for (let i = 0; i < 3; i++) {
      const known = codes.length
      await older.status(topic)?.refresh()
      await until('the older one was refused', () => codes.length > known)
    }
    expect(new Set(codes)).toEqual(new Set(['KEY_IN_USE']))
    expect([shown.length, second.connections.size]).toEqual([1, 1])
    const [near] = second.connections
    if (near !== undefined && shown[0] !== undefined) await echo(near, shown[0])
  })

  test('the older one is connected again when the newer one is gone', async () => {
    const { newer, older, peer, topic } = await tabs()
    const second = newer()
    second.join(topic)
    await until('the newer one has it', () => second.connections.size === 1 && older.connections.size === 0)
    await second.destroy()
    await echo(...(await connectionBetween(older, peer)))
  })
})
