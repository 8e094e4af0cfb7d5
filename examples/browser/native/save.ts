import { mkdir, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { SharedFile } from '../room/shared-file.ts'

/** Saves a file of the room in a folder, which is made if it does not exist, and returns its path. Throws EEXIST rather than overwrite anything. */
export async function saveInto(folder: string, shared: SharedFile): Promise<string> {
  // The name comes from a stranger: it must not point outside the folder.
  const path = join(folder, basename(shared.offer.name.replaceAll('\\', '/')) || 'file')
  await mkdir(folder, { recursive: true })
  const file = await open(path, 'wx')
  try {
    for await (const block of shared.read()) await file.write(block)
  } finally {
    await file.close()
  }
  return path
}
