import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Corestore, type Store } from './packages.ts'

/** A folder that is removed after the test. */
export function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-consumer-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A Corestore that is closed after the test. */
export function createStore(): Store {
  const store = new Corestore(createFolder())
  onTestFinished(() => store.close())
  return store
}

/** Blocks of different sizes and contents. */
export function createBlocks(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.alloc(1000 + (index % 500), `block ${index} `))
}
