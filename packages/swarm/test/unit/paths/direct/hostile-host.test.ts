/** What a hostile host can do to the peer connections of others. */
import { describe, expect, test } from 'vitest'
import { turns, until } from '../../../../../runtime/test/support/until.js'
import { exchange, hosts, isDirect, setUpHosts as setUp } from '../../../support/hosts.js'

describe('a hostile host', () => {
  test('that goes by the id of another one cannot be on its peer connection, nor keep others from it', async () => {
    const { net, clock, connect, connectForged, open } = setUp()
    const [one, other] = hosts()
    const honest = connect(other, one)
    await until(() => isDirect(honest))
    const forged = connectForged(other)
    forged.signal('ready', one.hostId)
    await turns()
    // It was asked to join, and cannot open a channel there. It claims that nothing fits, or keeps silent.
    expect(net.made.length).toBe(2)
    await clock.advance(16_000)
    await until(() => forged.stats.failed === 1)
    expect(forged.ends[0].isOnFirstPath).toBe(true)
    const next = connect(other, one)
    await until(() => isDirect(next))
    await exchange(honest)
    expect(open().length).toBe(2)
  })

  test('that had the id before its owner gets the owner a second try, on another peer connection', async () => {
    const { net, clock, connect, connectForged } = setUp()
    const [one, other] = hosts()
    const forged = connectForged(other)
    forged.signal('ready', one.hostId)
    await until(() => net.made.length === 1)
    const stranger = new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    forged.signal('answer', 'v=1')
    await until(() => net.made[1]?.channel.readyState === 'open')
    const honest = connect(other, one)
    await until(() => honest.stats[1].failed === 1)
    await clock.advance(1100)
    await until(() => isDirect(honest))
    expect(stranger).toBe(net.made[1])
    expect(honest.stats[0].opened).toBe(1)
  })

  test('cannot join by repeating what another connection was told', async () => {
    const { net, connect, connectForged } = setUp()
    const [one, other] = hosts()
    const honest = connect(one, other)
    await until(() => isDirect(honest))
    const descriptions = [net.made[0]?.remote[0]?.sdp ?? '', net.made[1]?.remote[0]?.sdp ?? ''].sort()
    const forged = connectForged(one)
    // Made with the keys of the other connection.
    forged.signal('join', honest.ends[1].bindingOf('ours', descriptions))
    await until(() => forged.stats.failed === 1)
    expect(net.made.map(({ channels }) => channels.length)).toEqual([1, 1])
  })

  test('that takes the id of another one again and again, and never opens, keeps it waiting twice only', async () => {
    const { net, clock, connect, connectForged } = setUp()
    const [one, other] = hosts()
    const stall = () => connectForged(other).signal('ready', one.hostId)
    stall()
    await until(() => net.made.length === 1)
    const honest = connect(other, one)
    for (let i = 0; i < 20; i++) {
      await clock.advance(5000)
      stall()
      await turns()
    }
    expect([isDirect(honest), honest.stats[1].failed]).toEqual([true, 2])
  })

  test('that opens any number of channels which nobody expects loses the peer connection, and no data', async () => {
    const { net, clock, connect } = setUp()
    const [one, other] = hosts()
    const links = [connect(one, other), connect(other, one)]
    await until(() => links.every(isDirect))
    for (let i = 0; i < 257; i++) net.made[0]?.createDataChannel(`${i}`)
    await until(() => links.every(({ ends }) => ends.every((end) => end.isOnFirstPath)))
    for (const link of links) await exchange(link)
    await clock.advance(1100)
    await until(() => links.every(isDirect))
    for (const link of links) await exchange(link)
  })

  test('that opens channels which nobody expects has them closed', async () => {
    const { net, connect } = setUp()
    const [one, other] = hosts()
    const link = connect(one, other)
    await until(() => isDirect(link))
    const channel = net.made[0]?.createDataChannel('whatever')
    await until(() => channel?.readyState === 'closed')
    await exchange(link)
  })

  test('that offers, answers and joins out of turn changes nothing', async () => {
    const { net, connect } = setUp()
    const [one, other] = hosts()
    const link = connect(one, other)
    await until(() => isDirect(link))
    for (const type of ['ready', 'offer', 'answer', 'join'] as const)
      for (const end of link.ends) end.sendSignal({ type, attempt: 1, index: 0, text: 'v=0' })
    await turns()
    await exchange(link)
    expect([isDirect(link), net.made.length]).toEqual([true, 2])
    expect(net.made.map(({ remote }) => remote.length)).toEqual([1, 1])
  })
})
