import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty folder that is removed after the test. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swarmway-files-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** A file of random bytes, which cannot be compressed, in a folder that is removed after the test. */
export async function createFile(name: string, sizeBytes: number): Promise<string> {
  const path = join(await createFolder(), name)
  await writeFile(path, randomBytes(sizeBytes))
  return path
}
