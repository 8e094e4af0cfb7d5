import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Corestore from 'corestore'
import { onTestFinished } from 'vitest'

/** A store in a folder of its own, which is removed after the test. */
export function createStore(): Corestore {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-recipe-'))
  const store = new Corestore(folder)
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return store
}
