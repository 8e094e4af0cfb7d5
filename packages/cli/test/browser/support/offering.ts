import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { onTestFinished } from 'vitest'
import { codeMeeting, generateCode } from '../../../src/send/code.js'
import { Sender } from '../../../src/send/sender.js'
import { readSource } from '../../../src/send/source-files.js'
import { file } from '../../proxy/support/files.js'
import { startProxy } from '../../proxy/support/proxy.js'
import { start } from '../../support/command.js'
import { temporaryFolder } from '../../support/net.js'

/** What {@link offerBehindToken} wants. */
export const TOKEN = 'a token of this test'

/** A file of random bytes. */
export function bigFile(bytes: number): { path: string; content: Buffer } {
  const path = join(temporaryFolder(), 'big.bin')
  const content = randomBytes(bytes)
  writeFileSync(path, content)
  return { path, content }
}

/** A sender in this process, which counts what receivers want. It is closed after the test. */
export async function offer(url: string, paths: readonly string[], isKept = false) {
  const code = generateCode()
  const { group, topic } = await codeMeeting(code)
  const swarm = new ProxyClient({ connect: websocket(url), group, reconnectMinMs: 10, reconnectMaxMs: 100 })
  onTestFinished(() => swarm.destroy())
  const wantedBytes: number[] = []
  const ends: string[] = []
  const listener = {
    onBegin: (bytes: number) => void wantedBytes.push(bytes),
    onSent: () => {},
    onChanged: () => {},
    onEnd: (end: string) => void ends.push(end)
  }
  const { files } = readSource(paths, true)
  const sender = new Sender(files, isKept, { onReceiver: () => listener })
  swarm.on('connection', (connection) => sender.add(connection))
  swarm.join(topic, { server: true, client: false })
  return { code, wantedBytes, ends }
}

/** `swarmway send` through a server that wants {@link TOKEN}. Resolves to the link for a browser. */
export async function offerBehindToken(): Promise<string> {
  const { http, ws } = await startProxy({ site: true, tokenFile: file('tokens', TOKEN) })
  const sender = start(['send', bigFile(1000).path, '--proxy', ws, '--token', TOKEN])
  await sender.prints('\n')
  return `${http}/#${sender.stdout.toString().trim()}`
}
