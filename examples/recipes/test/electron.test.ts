/** Electron's binary is not on npm. A stand-in for its modules copies what crosses between the processes, as Electron does. */
import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Swarm, topicFrom } from '@swarmway/swarm'
import { expect, onTestFinished, test } from 'vitest'
import { createTestnet } from '../../demo/modules.ts'

type Listener = (event: object, ...args: unknown[]) => unknown

/** What the preload script gives to the page. */
interface PageRoom {
  join(name: string): Promise<boolean>
  say(text: unknown): Promise<void>
  onMessage(listener: (text: string) => void): void
  onPeers(listener: (count: number) => void): void
}

const require = createRequire(import.meta.url)
const FOLDER = fileURLToPath(new URL('../electron/', import.meta.url))

test('two applications talk in a room, and one that quits is gone at once', async () => {
  const { bootstrap } = await startTestnet()
  const [anna, ben] = [await startApp(bootstrap), await startApp(bootstrap)]
  const heard: string[] = []
  const counts = { anna: 0, ben: 0 }
  ben.room.onMessage((text) => heard.push(text))
  ben.room.onPeers((count) => Object.assign(counts, { ben: count }))
  anna.room.onPeers((count) => Object.assign(counts, { anna: count }))
  expect(await Promise.all([anna.room.join('kitchen'), ben.room.join('kitchen')])).toEqual([true, true])
  await expect.poll(() => counts).toEqual({ anna: 1, ben: 1 })
  await anna.room.say('is there tea?')
  await expect.poll(() => heard).toEqual(['is there tea?'])
  await anna.quit()
  await expect.poll(() => counts.ben).toBe(0)
})

async function startTestnet() {
  const testnet = await createTestnet(4, { host: '127.0.0.1' })
  onTestFinished(() => testnet.destroy())
  return testnet
}

async function startApp(bootstrap: readonly { host: string; port: number }[]) {
  const { electron, exposed, app } = standIn()
  // On a DHT of its own.
  class LocalSwarm extends Swarm {
    constructor() {
      super({ bootstrap: [...bootstrap], host: '127.0.0.1' })
      onTestFinished(() => this.destroy())
    }
  }
  const modules = new Map<string, object>([
    ['electron', electron],
    ['@swarmway/swarm', { Swarm: LocalSwarm, topicFrom }]
  ])
  load('preload.cjs', new Map([['electron', electron]]))
  load('main.cjs', modules)
  await once(app, 'loaded')
  const quit = async () => {
    const event = { preventDefault: () => {} }
    const over = once(app, 'quit')
    app.emit('before-quit', event)
    await over
  }
  return { room: exposed['room'] as PageRoom, quit }
}

/** Runs a script with these modules, and Node's own. A preload script gets `electron` only, as in a sandbox. */
function load(name: string, modules: ReadonlyMap<string, object>): void {
  const run = new Function('require', '__dirname', readFileSync(`${FOLDER}${name}`, 'utf8'))
  run((id: string) => modules.get(id) ?? require(`node:${id.replace('node:', '')}`), FOLDER)
}

function standIn() {
  const app = Object.assign(new EventEmitter(), { whenReady: async () => {}, quit: () => app.emit('quit') })
  const renderer = new EventEmitter()
  const handlers = new Map<string, Listener>()
  const exposed: Record<string, unknown> = {}
  class BrowserWindow {
    readonly webContents = {
      send: (channel: string, value: unknown) => renderer.emit(channel, {}, structuredClone(value))
    }
    isDestroyed = () => false
    loadFile = () => queueMicrotask(() => app.emit('loaded'))
  }
  const ipcRenderer = {
    on: (channel: string, listener: Listener) => renderer.on(channel, listener),
    invoke: async (channel: string, value: unknown) =>
      structuredClone(await handlers.get(channel)?.({}, structuredClone(value)))
  }
  const ipcMain = { handle: (channel: string, listener: Listener) => handlers.set(channel, listener) }
  const contextBridge = {
    exposeInMainWorld: (name: string, value: unknown) => Object.assign(exposed, { [name]: value })
  }
  return { app, exposed, electron: { app, BrowserWindow, contextBridge, ipcMain, ipcRenderer } }
}
