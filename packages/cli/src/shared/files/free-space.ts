import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'
import { formatBytes } from '../terminal/format.js'

/** The number of bytes to be written below a path. */
export interface Need {
  readonly path: string
  readonly bytes: number
}

/** The file system of a path and its free bytes; null if it does not say. */
export type Room = (path: string) => Promise<{ device: number; freeBytes: number | null }>

/** Options of {@link assertRoom}. */
export interface RoomOptions {
  /** What to do if there is not enough. Default: advice for `get`. */
  readonly hint?: string | undefined
  /** Default: asks the file system. */
  readonly room?: Room | undefined
}

const STORAGE_HINT = 'Free some space, or use a folder on another disk.'

/** Throws a `CliError` unless everything fits. Sizes on the same file system are added up. */
export async function assertRoom(needs: readonly Need[], options: RoomOptions = {}): Promise<void> {
  const { hint = STORAGE_HINT, room = roomAt } = options
  const byDevice = new Map<number, { path: string; bytes: number; freeBytes: number | null }>()
  for (const { bytes, path } of needs) {
    const { device, freeBytes } = await room(existingPart(path))
    const earlier = byDevice.get(device)
    byDevice.set(device, { path: earlier?.path ?? path, bytes: bytes + (earlier?.bytes ?? 0), freeBytes })
  }
  for (const { bytes, freeBytes, path } of byDevice.values()) {
    if (freeBytes === null || bytes <= freeBytes) continue
    const message = `There is not enough room at ${path}: ${formatBytes(bytes)} are needed, ${formatBytes(freeBytes)} are free.`
    throw new CliError(message, { hint, exitCode: EXIT.unusable, details: { neededBytes: bytes, freeBytes } })
  }
}

async function roomAt(path: string): Promise<{ device: number; freeBytes: number | null }> {
  const { bavail, blocks, bsize } = await statfs(path)
  // Some network file systems report 0 of 0.
  return { device: statSync(path).dev, freeBytes: blocks === 0 ? null : bavail * bsize }
}

/** The longest part of a path that exists. */
export function existingPart(path: string): string {
  const parent = dirname(resolve(path))
  return existsSync(path) || parent === path ? path : existingPart(parent)
}
