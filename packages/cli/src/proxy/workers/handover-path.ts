import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const IS_WINDOWS = process.platform === 'win32'

/** A folder for handover sockets that only this user can enter. Windows uses named pipes instead. */
export function createHandoverFolder(): string {
  return IS_WINDOWS ? `\\\\.\\pipe\\swarmway-${process.pid}` : mkdtempSync(join(tmpdir(), 'swarmway-proxy-'))
}

/** The path of a worker's handover socket; a replacement worker has a new id. */
export function handoverPath(folder: string, workerId: number): string {
  return IS_WINDOWS ? `${folder}-${workerId}` : join(folder, `${workerId}.sock`)
}

/** Removes the folder and its contents. */
export function removeHandoverFolder(folder: string): void {
  if (!IS_WINDOWS) rmSync(folder, { recursive: true, force: true })
}

/** The folder of handover sockets. */
export function handoverFolderOf(path: string): string {
  return dirname(path)
}
