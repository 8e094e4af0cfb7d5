/** The lab itself: were its NATs or its lines wrong, so would be everything that is measured on them. */
import type { RemoteInfo } from 'node:dgram'
import { describe, expect, test } from 'vitest'
import type { Worker } from '../../../bench/lib/worker.ts'
import type { SendParams } from '../agents/udp.ts'
import { type Host, type Lab, type NatKind, withLab } from '../lab/lab.ts'
import { nowMs } from '../lab/now.ts'

const HOME_PORT = 5000
const PORT = 6000
const OTHER_PORT = 6001

/** A host with sockets. */
interface Machine {
  readonly host: Host
  readonly agent: Worker
}

/** Whom a NAT lets in after the home wrote to one port of one host. */
const LETS_IN: [kind: NatKind, sameAddress: boolean, stranger: boolean][] = [
  ['full-cone', true, true],
  ['address-restricted', true, false],
  ['port-restricted', false, false],
  ['symmetric', false, false]
]

describe.each(LETS_IN)('a NAT that is %s', (kind, letsInSameAddress, letsInStranger) => {
  test('lets in whom it should', () =>
    withLab(async (lab) => {
      const { home, known, stranger } = await machines(lab, kind)
      const mapped = await writeTo(home, known, 'from home')
      await send(stranger, PORT, mapped, 'stranger')
      await send(known, OTHER_PORT, mapped, 'same address')
      // It cannot overtake the others by much, and those that are let in are waited for.
      await send(known, PORT, mapped, 'same port')
      const expected = [
        'same port',
        ...(letsInSameAddress ? ['same address'] : []),
        ...(letsInStranger ? ['stranger'] : [])
      ]
      for (const text of expected) await home.agent.call('receive', text)
      expect((await home.agent.call<string[]>('texts')).sort()).toEqual(expected.sort())
    }))

  test('has one port for all destinations, unless it is symmetric', () =>
    withLab(async (lab) => {
      const { home, known, stranger } = await machines(lab, kind)
      const [one, other] = [await writeTo(home, known, 'one'), await writeTo(home, stranger, 'other')]
      expect(one.address).toBe(other.address)
      expect(one.port === other.port).toBe(kind !== 'symmetric')
    }))
})

test('a NAT that forgot its mappings makes others, at another address if wanted', () =>
  withLab(async (lab) => {
    const { home, known } = await machines(lab, 'port-restricted')
    const before = await writeTo(home, known, 'before')
    await lab.forgetMappings(home.host, true)
    const after = await writeTo(home, known, 'after')
    expect(after.address).not.toBe(before.address)
  }))

test('a host that is dark neither sends nor receives', () =>
  withLab(async (lab) => {
    const { known, stranger } = await machines(lab, 'full-cone')
    await lab.setDark(known.host, true)
    await send(stranger, PORT, addressOf(known), 'into the dark')
    await send(known, PORT, addressOf(stranger), 'out of the dark')
    // What is sent and what the router is told take different ways: this went through once the cable is back.
    await expect.poll(async () => (await lab.countPackets(stranger.host)).sent).toBeGreaterThan(0)
    await lab.setDark(known.host, false)
    await writeTo(stranger, known, 'light')
    expect(await known.agent.call('texts')).toEqual(['light'])
    await writeTo(known, stranger, 'light')
    expect(await stranger.agent.call('texts')).toEqual(['light'])
  }))

test('packets take as long as the lines of both hosts say', () =>
  withLab(async (lab) => {
    const [near, far] = [await machine(lab, 'near', 50), await machine(lab, 'far', 150)]
    const beganMs = nowMs()
    await writeTo(near, far, 'there')
    expect(nowMs() - beganMs).toBeGreaterThanOrEqual(200)
  }))

async function machines(lab: Lab, kind: NatKind) {
  const host = await lab.home('home', kind)
  const home = { host, agent: lab.agent(host, 'udp') }
  await home.agent.call('open', HOME_PORT)
  return { home, known: await machine(lab, 'known'), stranger: await machine(lab, 'stranger') }
}

async function machine(lab: Lab, name: string, delayMs = 0): Promise<Machine> {
  const host = await lab.host(name, { delayMs })
  const agent = lab.agent(host, 'udp')
  for (const port of [HOME_PORT, PORT, OTHER_PORT]) await agent.call('open', port)
  return { host, agent }
}

function addressOf({ host }: Machine): SendParams['to'] {
  return { address: host.addresses[0] ?? '', port: PORT }
}

function send({ agent }: Machine, fromPort: number, to: SendParams['to'], text: string): Promise<void> {
  return agent.call('send', { fromPort, to, text } satisfies SendParams)
}

/** Resolves to where the message came from, as the receiver sees it. */
async function writeTo(from: Machine, to: Machine, text: string): Promise<RemoteInfo> {
  await send(from, HOME_PORT, addressOf(to), text)
  return to.agent.call<RemoteInfo>('receive', text)
}
