import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { SharedFile } from '../room/shared-file.ts'

/** Writes a file of the room into a folder. Returns where it is. Throws EEXIST rather than to overwrite anything. */
export async function saveInto(folder: string, shared: SharedFile): Promise<string> {
  // The name comes from a stranger: it must not lead out of the folder.
  const path = join(folder, basename(shared.offer.name.replaceAll('\\', '/')) || 'file')
  const file = await open(path, 'wx')
  try {
    for await (const block of shared.read()) await file.write(block)
  } finally {
    await file.close()
  }
  return path
}
