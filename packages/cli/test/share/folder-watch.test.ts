import fs, { type FSWatcher, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { pause, turns, until } from '../../../runtime/test/support/until.js'
import { followFolder } from '../../src/share/folder-watch.js'
import { temporaryFolder } from '../support/net.js'

const watches = () => process.getActiveResourcesInfo().filter((kind) => kind === 'FSEventWrap').length

/** Follows a folder; counts the calls of `publish`. */
function follow(folder: string, publish: () => Promise<void> = async () => {}) {
  const controller = new AbortController()
  const state = { published: 0, stop: () => controller.abort(new Error('over')) }
  const ended = followFolder(folder, controller.signal, async () => {
    await publish()
    state.published++
  })
  ended.catch(() => {})
  onTestFinished(state.stop)
  return { state, ended }
}

/** Makes a change, and waits until it is published. */
async function publishes(state: { published: number }, change: () => void): Promise<void> {
  const before = state.published
  change()
  await until('the change is published', () => state.published > before)
}

// Node's recursive watch has one for each file on Linux: 12,000 new files kept a sharing process busy for eight minutes.
test('a folder has one watch, however many files are in it, and none when following ends', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'a', 'b'), { recursive: true })
  for (let i = 0; i < 300; i++) writeFileSync(join(folder, 'a', `${i}`), 'x')
  const before = watches()
  const { ended, state } = follow(folder)
  await until('the first call', () => state.published > 0)
  await publishes(state, () => {
    for (let i = 0; i < 300; i++) writeFileSync(join(folder, 'a', 'b', `${i}`), 'x')
  })
  expect(watches() - before).toBe(3)
  state.stop()
  await expect(ended).rejects.toThrow('over')
  await until('no watch is left', () => watches() === before)
})

test('changes in folders that come later, or are made again, are published', async () => {
  const folder = temporaryFolder()
  const { state } = follow(folder)
  await until('the first call', () => state.published > 0)
  const inner = join(folder, 'new', 'inner')
  await publishes(state, () => mkdirSync(inner, { recursive: true }))
  // Once more, for what was in it before it was watched.
  await until('both are watched', () => state.published > 2)
  await publishes(state, () => writeFileSync(join(inner, 'file'), 'one'))
  await publishes(state, () => writeFileSync(join(inner, 'file'), 'two'))
  await publishes(state, () => {
    rmSync(inner, { recursive: true })
    mkdirSync(inner)
  })
  const again = state.published
  await until('the new one is watched', () => state.published > again)
  await publishes(state, () => writeFileSync(join(inner, 'file'), 'three'))
})

test('what publish throws ends it, and nothing is published after it was stopped', async () => {
  const broken = follow(temporaryFolder(), async () => {
    throw new Error('no room')
  })
  await expect(broken.ended).rejects.toThrow('no room')
  const folder = temporaryFolder()
  const { ended, state } = follow(folder)
  state.stop()
  await expect(ended).rejects.toThrow('over')
  writeFileSync(join(folder, 'late'), 'x')
  await turns(50)
  expect(state.published).toBe(0)
})

test('a change while the last call still runs brings no other call after the end', async () => {
  const folder = temporaryFolder()
  let finish = (): void => {}
  let calls = 0
  const { ended, state } = follow(folder, () => {
    calls++
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  await until('the first call', () => calls === 1)
  state.stop()
  await turns(5)
  writeFileSync(join(folder, 'late'), 'x')
  // Longer than a change has to be old.
  await pause(700)
  finish()
  await expect(ended).rejects.toThrow('over')
  expect(calls).toBe(1)
  await pause(700)
  expect(calls).toBe(1)
})

test('a change that waits for the last call to end is not published after the end', async () => {
  const folder = temporaryFolder()
  let finish = (): void => {}
  let calls = 0
  const { ended, state } = follow(folder, () => {
    if (++calls > 1) return Promise.resolve()
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  await until('the first call', () => calls === 1)
  writeFileSync(join(folder, 'file'), 'x')
  // Longer than a change has to be old.
  await pause(700)
  state.stop()
  finish()
  await expect(ended).rejects.toThrow('over')
  expect(calls).toBe(1)
})

// A log in the folder, with a line every few milliseconds, kept everything from being published.
test('changes without a pause are published too', async () => {
  const folder = temporaryFolder()
  const { state } = follow(folder)
  await until('the first call', () => state.published > 0)
  const timer = setInterval(() => writeFileSync(join(folder, 'log'), `${performance.now()}`), 50)
  onTestFinished(() => clearInterval(timer))
  const before = state.published
  await until('they are published twice', () => state.published > before + 1)
})

test('changes while a call runs, however many, bring one more', async () => {
  const folder = temporaryFolder()
  const finish: (() => void)[] = []
  const { state } = follow(folder, () => new Promise((resolve) => finish.push(resolve)))
  await until('the first call', () => finish.length === 1)
  for (let i = 0; i < 3; i++) {
    writeFileSync(join(folder, 'file'), `${i}`)
    // Longer than a change has to be old.
    await pause(700)
  }
  finish[0]?.()
  await until('the second call', () => finish.length === 2)
  finish[1]?.()
  await until('the second call is over', () => state.published === 2)
  await pause(700)
  expect(finish).toHaveLength(2)
})

test('a watch that fails is replaced', async () => {
  const watchers: FSWatcher[] = []
  const { watch } = fs
  const spy = vi.spyOn(fs, 'watch').mockImplementation(((...args: Parameters<typeof watch>) => {
    const watcher = watch(...args)
    watchers.push(watcher)
    return watcher
  }) as typeof watch)
  syncBuiltinESMExports()
  onTestFinished(() => {
    spy.mockRestore()
    syncBuiltinESMExports()
  })
  const folder = temporaryFolder()
  const { state } = follow(folder)
  await until('the first call', () => state.published > 0)
  watchers[0]?.close()
  watchers[0]?.emit('error', new Error('lost'))
  await until('there is another', () => watchers.length === 2)
  await until('what was missed is published', () => state.published > 2)
  await publishes(state, () => writeFileSync(join(folder, 'file'), 'x'))
})
