import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const IS_WINDOWS = process.platform === 'win32'

/** A folder for back doors that only this user can enter. Windows has named pipes in its place. */
export function createDoorFolder(): string {
  return IS_WINDOWS ? `\\\\.\\pipe\\swarmway-${process.pid}` : mkdtempSync(join(tmpdir(), 'swarmway-proxy-'))
}

/** The path of a worker's back door; a worker that takes another's place has another id. */
export function doorPath(folder: string, workerId: number): string {
  return IS_WINDOWS ? `${folder}-${workerId}` : join(folder, `${workerId}.sock`)
}

/** Removes the folder and all that is in it. */
export function removeDoorFolder(folder: string): void {
  if (!IS_WINDOWS) rmSync(folder, { recursive: true, force: true })
}

/** The folder of a back door. */
export function doorFolderOf(path: string): string {
  return dirname(path)
}
