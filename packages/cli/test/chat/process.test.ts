import { expect, test } from 'vitest'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { run, start, startOnTerminal } from '../support/command.js'
import { useNetwork } from '../support/net.js'

const network = useNetwork()

test('native and proxied members talk; a pipe sends its lines to those present and leaves', async () => {
  const { native, proxy } = network()
  const anna = start(['chat', 'room', '--nick', 'anna', ...native])
  const ben = start(['chat', 'room', '--nick', 'ben', '--proxy', await proxy()])
  await Promise.all([anna.says('* ben joined'), ben.says('* anna joined')])
  anna.stdin.write('hello\n')
  await ben.prints('anna: hello\n')
  expect(await ben.kill('SIGINT').outcome()).toMatchObject({ code: EXIT.ok })
  await anna.says('* ben left')
  // Only one is left: the pipe starts as soon as somebody is present, and need not reach those who are found later.
  const guest = await run(['chat', 'room', '--quiet', ...native], 'one\n\ntwo\n')
  expect(guest).toMatchObject({ code: EXIT.ok, stderr: '' })
  await anna.prints('two\n')
  expect(anna.stdout.toString()).toMatch(/^(guest-[0-9a-f]{4}): one\n\1: two\n$/)
  await anna.says(/\* guest-[0-9a-f]{4} left/)
})

test('--listen does not read the input, and stays until it is stopped', async () => {
  const { native } = network()
  const listener = start(['chat', 'log', '--listen', '--nick', 'log', ...native])
  listener.stdin.end('not to be said\n')
  const first = await run(['chat', 'log', '--nick', 'a', ...native], 'first\n')
  expect(first.stdout.toString()).toBe('')
  await run(['chat', 'log', '--nick', 'b', ...native], 'second\n')
  expect(await listener.kill('SIGTERM').outcome()).toMatchObject({
    code: EXIT.ok,
    stdout: Buffer.from('a: first\nb: second\n')
  })
})

test('a generated name is shown; an empty nick is a usage error', async () => {
  const { native } = network()
  // Typed as it was shown, it led to the public DHT: the options in use were missing.
  await start(['chat', '--listen', ...native]).says(
    /For the others: swarmway chat \w{24} --bootstrap 127\.0\.0\.1:\d+\n/
  )
  expect(await run(['chat', '--nick', ' \u0007'])).toMatchObject({ code: EXIT.usage })
})

// It ended with 0: through a proxy server at once, natively when the connection had timed out.
test.each(['natively', 'through a proxy server'])('a line to a member that was killed is told, %s', async (how) => {
  const { native, proxy } = network()
  const way = how === 'natively' ? native : ['--proxy', await proxy({ graceMs: 500 })]
  const listener = start(['chat', `killed ${how}`, '--listen', '--nick', 'log', ...way])
  const speaker = start(['chat', `killed ${how}`, '--nick', 'a', ...native])
  await Promise.all([speaker.says('* log joined'), listener.says('* a joined')])
  speaker.stdin.write('first\n')
  await listener.prints('a: first\n')
  await listener.kill('SIGKILL').outcome()
  speaker.stdin.end('second\n')
  const stderr = expect.stringContaining('error: Not everything that was said here reached log.')
  expect(await speaker.outcome()).toMatchObject({ code: EXIT.broken, stderr })
})

test('at a terminal, who leaves waits until the last line has arrived, and is told if it has not', async () => {
  const { native } = network()
  const listener = start(['chat', 'terminal', '--listen', '--nick', 'log', ...native])
  const speaker = startOnTerminal(['chat', 'terminal', '--nick', 'a', ...native])
  await Promise.all([speaker.prints('log joined'), listener.says('* a joined')])
  await listener.kill('SIGKILL').outcome()
  speaker.stdin.write('second\r/quit\r')
  await speaker.prints('Waiting until what you said has arrived')
  const outcome = await speaker.outcome()
  expect(outcome.stdout.toString()).toContain('log left before everything you said had arrived')
  expect(outcome.stdout.toString()).toContain('Not everything that was said here reached log.')
  expect(outcome.code).toBe(EXIT.broken)
})
