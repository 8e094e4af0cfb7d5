import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimFiles } from '../../src/receive/claim.js'
import { temporaryFolder } from '../support/net.js'

/** The note of another process. */
function note(folder: string, pid: number | undefined, text: string): string {
  const path = join(folder, `.swarmway-receive-${pid}.part`)
  writeFileSync(path, text)
  return path
}

test('what a running process writes is not claimed, and the rest is', () => {
  const folder = join(temporaryFolder(), 'new')
  const release = claimFiles(folder, ['/mine'])
  expect(readdirSync(folder)).toHaveLength(1)
  release()
  expect(readdirSync(folder)).toEqual([])
  note(folder, process.ppid, '["/theirs"]')
  expect(() => claimFiles(folder, ['/mine', '/theirs'])).toThrow('Another swarmway is receiving theirs')
  expect(readdirSync(folder)).toHaveLength(1)
  claimFiles(folder, ['/mine'])()
})

test('the note of a killed process is removed, and one that is not a list is ignored', () => {
  const folder = temporaryFolder()
  const stale = note(folder, spawnSync(process.execPath, ['--version']).pid, '["/a"]')
  note(folder, process.ppid, '["/a"')
  claimFiles(folder, ['/a'])()
  expect(existsSync(stale)).toBe(false)
})
