import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Swarm } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { keyEncoding, parseKey } from '../../src/shared/names/keys.js'
import { type RunningCommand, run, start } from '../support/command.js'
import { temporaryFolder, useNetwork } from '../support/net.js'
import { tcpClient, tcpServer } from './support.js'

const network = useNetwork()

async function echo(): Promise<string> {
  const { port } = await tcpServer((socket) => {
    socket.on('data', (data) => socket.write(`echo ${data}`))
    socket.on('end', () => socket.end())
  })
  return String(port)
}

/** The first line that it prints. */
async function lineOf(command: RunningCommand): Promise<string> {
  await command.prints('\n')
  return command.stdout.toString().split('\n')[0] ?? ''
}

/** Somebody with a folder for data of their own. */
function person() {
  const env = { XDG_DATA_HOME: temporaryFolder() }
  return { env, start: (args: readonly string[]) => start(args, env) }
}

async function say(connecting: RunningCommand, text: string) {
  const client = tcpClient(Number((await lineOf(connecting)).split(':')[1]))
  client.socket.write(text)
  return client
}

test.each(['natively', 'through a proxy server'])('a service is reached by its name, %s', async (how) => {
  const { native, proxy } = network()
  const serving = start(['serve', await echo(), ...native])
  const way = how === 'natively' ? native : ['--proxy', await proxy()]
  const connecting = start(['connect', await lineOf(serving), ...way])
  const client = await say(connecting, 'hello')
  await until('the echo', () => client.text() === 'echo hello')
  client.socket.end()
  await until('the end', () => client.hasEnded)
  expect((await connecting.kill('SIGINT').outcome()).code).toBe(EXIT.ok)
  expect((await serving.kill('SIGINT').outcome()).code).toBe(EXIT.ok)
})

test('only the holder of an allowed key gets in, and the others wait', async () => {
  const { native } = network()
  const [anna, ben, mallory] = [person(), person(), person()]
  const key = await lineOf(anna.start(['key']))
  const serving = ben.start(['serve', await echo(), '--allow', key, ...native])
  const address = await lineOf(serving)
  const refused = await say(mallory.start(['connect', address, ...native]), 'let me in')
  const client = await say(anna.start(['connect', address, ...native]), 'hello')
  await until('the echo', () => client.text() === 'echo hello')
  expect(refused.bytes()).toBe(0)
  await serving.says('Connected')
  expect(serving.stderr.match(/Connected/g)).toHaveLength(1)
})

test('an invitation to a group lets in the key that it is for, and no other', async () => {
  const { native } = network()
  const [anna, ben, mallory] = [person(), person(), person()]
  const key = await lineOf(anna.start(['key']))
  const invitation = await lineOf(ben.start(['invite', 'friends', key, '--label', 'anna', '--days', '1']))
  const serving = ben.start(['serve', await echo(), '--group', 'friends', ...native])
  const address = await lineOf(serving)
  const stolen = mallory.start(['connect', address, '--invitation', invitation, ...native])
  expect(await stolen.outcome()).toMatchObject({
    code: EXIT.usage,
    stderr: expect.stringContaining('for another key')
  })
  const refused = mallory.start(['connect', address, ...native])
  const nothing = await say(refused, 'let me in')
  const client = await say(anna.start(['connect', address, '--invitation', invitation, ...native]), 'hello')
  await until('the echo', () => client.text() === 'echo hello')
  expect(nothing.bytes()).toBe(0)
})

test('a revoked key is shut out at once, and let in again when it is invited again', async () => {
  const { native } = network()
  const [anna, ben] = [person(), person()]
  const key = await lineOf(anna.start(['key']))
  const invitation = await lineOf(ben.start(['invite', 'friends', key, '--label', 'anna']))
  const serve = async () => ben.start(['serve', await echo(), '--group', 'friends', ...native])
  const serving = await serve()
  const connecting = anna.start(['connect', await lineOf(serving), '--invitation', invitation, ...native])
  const client = await say(connecting, 'hello')
  await until('the echo', () => client.text() === 'echo hello')

  expect(await lineOf(ben.start(['revoke', 'friends', 'anna']))).toBe(`Revoked: ${key}`)
  await serving.says('Left')
  await connecting.says('The other side lets in members of a group, and we are not')
  await connecting.kill('SIGINT').outcome()
  await serving.kill('SIGINT').outcome()
  const again = await serve()
  const shutOut = anna.start(['connect', await lineOf(again), '--invitation', invitation, ...native])
  await shutOut.says('ask for a new invitation')
  expect(again.stderr).not.toContain('Connected')

  const invited = await ben.start(['invite', 'friends', key, '--label', 'anna']).outcome()
  expect(invited.stderr).toContain('it may come in again')
  await shutOut.says('The other side is there.')
})

test('members shows groups, and whom they let in until when', async () => {
  const ben = person()
  const run = async (...args: string[]) => (await ben.start(args).outcome()).stdout.toString()
  expect((await ben.start(['members']).outcome()).stderr).toContain('There are no groups')
  const [anna, carl] = ['y'.repeat(52), `${'y'.repeat(51)}o`]
  await run('invite', 'friends', anna, '--label', 'anna', '--days', '1')
  await run('invite', 'friends', carl)
  await run('revoke', 'friends', carl)
  expect(await run('members')).toBe('friends\n')
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 9)
  expect(await run('members', 'friends')).toMatch(
    new RegExp(`^${carl}  revoked\n${anna}  until ${tomorrow}\\d  anna\n$`)
  )
  const members = [
    { key: carl, label: '', expiresAt: null, revoked: true },
    { key: anna, label: 'anna', expiresAt: expect.stringContaining(tomorrow), revoked: false }
  ]
  expect(JSON.parse(await run('members', 'friends', '--json'))).toEqual({ group: 'friends', members })
})

test('programs wait for the other side, and a service that comes back has the same key', async () => {
  const { native } = network()
  const [anna, ben] = [person(), person()]
  const key = await lineOf(anna.start(['key']))
  const serve = async () => ben.start(['serve', await echo(), '--allow', key, ...native])
  const first = await serve()
  const address = await lineOf(first)
  const connecting = anna.start(['connect', address, ...native])
  await connecting.says('The other side is there.')
  await first.kill('SIGTERM').outcome()
  await connecting.says('The other side left; waiting for it.')
  const client = await say(connecting, 'patience')
  const second = await serve()
  expect(await lineOf(second)).toBe(address)
  await until('the echo', () => client.text() === 'echo patience')
})

/** Whether the holder of a key lets us in, or says that we are not in its group. */
function isAnswered(visitor: Swarm, address: string): Promise<boolean> {
  return visitor.connect(parseKey(address)).then(
    () => true,
    ({ code }) => code === 'NOT_A_MEMBER'
  )
}

// Both ran without a word, and a client reached one of them at random.
test.each([
  ['natively', 'a list of keys'],
  ['natively', 'a group'],
  ['through a proxy server', 'a list of keys']
])('a second service with the same key is refused, %s, for %s', async (how, whom) => {
  const { native, node, proxy } = network()
  const ben = person()
  const way = how === 'natively' ? native : ['--proxy', await proxy()]
  const visitor = new Swarm({ dht: node() })
  onTestFinished(() => visitor.destroy())
  const { publicKey } = visitor.keyPair
  const access = whom === 'a group' ? ['--group', 'friends'] : ['--allow', keyEncoding.encode(publicKey)]
  const first = ben.start(['serve', '1234', ...access, ...native])
  while (!(await isAnswered(visitor, await lineOf(first))));
  const second = await ben.start(['serve', '1235', ...access, ...way]).outcome()
  const stderr = expect.stringContaining('error: Another "swarmway serve" uses your key already')
  expect(second).toMatchObject({ code: EXIT.unusable, stderr, stdout: Buffer.from('') })
  expect(first.stderr.match(/Connected/g) ?? []).toHaveLength(whom === 'a group' ? 0 : 1)
})

test('a service whose process was killed is started again with the same key', async () => {
  const { native } = network()
  const ben = person()
  const serve = () => ben.start(['serve', '1234', '--allow', 'y'.repeat(52), ...native])
  const first = serve()
  const address = await lineOf(first)
  await first.kill('SIGKILL').outcome()
  expect(await lineOf(serve())).toBe(address)
})

test('secret keys are readable for their owner only, and a broken one is explained', async () => {
  const anna = person()
  const shown = await lineOf(anna.start(['key']))
  const path = join(anna.env.XDG_DATA_HOME, 'swarmway', 'identity.seed')
  expect(statSync(path).mode & 0o077).toBe(0)
  expect(await lineOf(anna.start(['key']))).toBe(shown)
  writeFileSync(path, 'nonsense')
  expect((await anna.start(['key']).outcome()).code).toBe(EXIT.unusable)
  rmSync(path)
  expect(await lineOf(anna.start(['key']))).not.toBe(shown)
})

test('a label that nobody or more than one has revokes nobody', async () => {
  const ben = person()
  const revoke = async (label: string) => (await ben.start(['revoke', 'friends', label]).outcome()).stderr
  for (const end of ['y', 'o'])
    await ben.start(['invite', 'friends', `${'y'.repeat(51)}${end}`, '-l', 'anna']).outcome()
  expect(await revoke('anne')).toContain('nobody in "friends" has this label')
  expect(await revoke('anna')).toContain('2 members of "friends" have the label')
})

test('wrong input is explained', async () => {
  const key = 'y'.repeat(52)
  const used = await tcpServer(() => {})
  const cases: [string[], number, string][] = [
    [['serve', '99999'], EXIT.usage, 'is not a port'],
    [['serve', '22', 'name', '--allow', key], EXIT.usage, 'lets in everyone who knows it'],
    [['serve', '22', '--allow', 'key'], EXIT.usage, 'is not a key'],
    [['serve', '22', '--group', '../x'], EXIT.usage, 'cannot be the name of a group'],
    [['members', 'nobody'], EXIT.usage, 'There is no group "nobody"'],
    [['revoke', 'nobody', key], EXIT.usage, 'There is no group "nobody"'],
    [['connect'], EXIT.usage, 'swarmway connect <name or key> 8000'],
    [['connect', key, '--invitation', 'text'], EXIT.usage, 'not an invitation'],
    [['connect', 'name', String(used.port)], EXIT.unusable, 'cannot be used']
  ]
  const outcomes = await Promise.all(cases.map(([args]) => person().start(args).outcome()))
  for (const [i, [, code, text]] of cases.entries()) {
    expect(outcomes[i]).toMatchObject({ code, stderr: expect.stringContaining(text) })
  }
})

// "listen EADDRINUSE: address already in use 127.0.0.1:8000", said one, and "connect ECONNREFUSED 127.0.0.1:8000" the other.
test('a port that is taken, and a service that is not there, are named in words', async () => {
  const { native } = network()
  const { port, server } = await tcpServer(() => {})
  const taken = await run(['connect', 'a-name-for-a-test', String(port), ...native])
  const stderr = `error: Port ${port} cannot be used: another program uses it.`
  expect(taken).toMatchObject({ code: EXIT.unusable, stderr: expect.stringContaining(stderr) })
  server.close()
  const serving = start(['serve', String(port), ...native])
  await say(start(['connect', await lineOf(serving), ...native]), 'hello')
  await serving.says(`127.0.0.1:${port} cannot be reached: no program listens there.`)
})

// Both ran, and the service dropped the connection of the one whenever the other came back.
test('a second connect with our key to one service says so, and the first one goes on', async () => {
  const { native } = network()
  const [anna, ben] = [person(), person()]
  const key = await lineOf(anna.start(['key']))
  const address = await lineOf(ben.start(['serve', await echo(), '--allow', key, ...native]))
  const first = anna.start(['connect', address, ...native])
  await first.says('The other side is there.')
  const second = await anna.start(['connect', address, ...native]).outcome()
  expect(second).toMatchObject({
    code: EXIT.unusable,
    stderr: expect.stringContaining('Another "swarmway connect" of yours uses this service')
  })
  const client = await say(first, 'hello')
  await until('the echo', () => client.text() === 'echo hello')
})

test.each(['SIGINT', 'SIGKILL'] as const)('a connect that ended by %s does not refuse the next one', async (signal) => {
  const { native } = network()
  const [anna, ben] = [person(), person()]
  const key = await lineOf(anna.start(['key']))
  const address = await lineOf(ben.start(['serve', await echo(), '--allow', key, ...native]))
  const first = anna.start(['connect', address, ...native])
  await first.says('The other side is there.')
  await first.kill(signal).outcome()
  const client = await say(anna.start(['connect', address, ...native]), 'again')
  await until('the echo', () => client.text() === 'echo again')
})

test('one key may connect to several services', async () => {
  const { native } = network()
  const [anna, ben, carl] = [person(), person(), person()]
  const key = await lineOf(anna.start(['key']))
  for (const one of [ben, carl]) {
    const address = await lineOf(one.start(['serve', await echo(), '--allow', key, ...native]))
    const client = await say(anna.start(['connect', address, ...native]), 'hello')
    await until('the echo', () => client.text() === 'echo hello')
  }
})
