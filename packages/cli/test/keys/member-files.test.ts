import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MemberFiles } from '../../src/keys/member-files.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { keyEncoding } from '../../src/shared/names/keys.js'
import { temporaryFolder } from '../support/net.js'

const ANNA = { key: new Uint8Array(32).fill(1), label: 'anna', expiresAt: 1_900_000_000_000 }
const BEN = { key: new Uint8Array(32).fill(2), label: 'ben', expiresAt: null }

test('invited keys are known, in the order of their labels', () => {
  const files = new MemberFiles(temporaryFolder())
  expect(files.list()).toEqual([])
  expect(files.invite(BEN)).toBe(false)
  files.invite(ANNA)
  expect(files.list()).toEqual([
    { ...ANNA, isRevoked: false },
    { ...BEN, isRevoked: false }
  ])
})

test('a revoked key keeps its label, and is let in again by an invitation', () => {
  const files = new MemberFiles(temporaryFolder())
  files.invite(ANNA)
  expect(files.revoke(ANNA.key)).toBe(true)
  expect(files.revoke(ANNA.key)).toBe(false)
  expect(files.revoked()).toEqual([ANNA.key])
  expect(files.list()).toEqual([{ ...ANNA, isRevoked: true }])
  expect(files.invite({ ...ANNA, label: 'anna b' })).toBe(true)
  expect(files.revoked()).toEqual([])
  expect(files.list()).toMatchObject([{ label: 'anna b', isRevoked: false }])
})

test('a key that nobody invited can be revoked', () => {
  const folder = temporaryFolder()
  new MemberFiles(folder).revoke(BEN.key)
  expect(new MemberFiles(folder).list()).toEqual([{ ...BEN, label: '', isRevoked: true }])
})

// An invitation is renewed by a file under the new name, then by removing the old one. In between, the key stays out.
test('while both files are there, the key is revoked', () => {
  const folder = temporaryFolder()
  const files = new MemberFiles(folder)
  files.revoke(ANNA.key)
  writeFileSync(join(folder, `${keyEncoding.encode(ANNA.key)}.invited`), '{}')
  expect(files.revoked()).toEqual([ANNA.key])
  expect(files.list()).toHaveLength(1)
})

test('other files are ignored, and a damaged one costs its label', () => {
  const folder = temporaryFolder()
  const files = new MemberFiles(folder)
  files.invite(ANNA)
  for (const name of ['notes.txt', 'short.revoked', '.revoked']) writeFileSync(join(folder, name), '')
  const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.invited')) ?? '')
  for (const text of ['', 'null', '{"label":5,"expiresAt":"never"}']) {
    writeFileSync(path, text)
    expect(files.list()).toEqual([{ key: ANNA.key, label: '', expiresAt: null, isRevoked: false }])
  }
})

test('a folder that has gone is an error, and not a group of which nobody was revoked', () => {
  const folder = temporaryFolder()
  const files = new MemberFiles(folder)
  files.revoke(ANNA.key)
  rmSync(folder, { recursive: true })
  expect(() => files.revoked()).toThrow(expect.objectContaining({ exitCode: EXIT.unusable }))
})

test('files that cannot be used are an error that says so', () => {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, '')
  const files = new MemberFiles(path)
  const unusable = expect.objectContaining({ exitCode: EXIT.unusable })
  expect(() => files.list()).toThrow(unusable)
  expect(() => files.revoked()).toThrow(unusable)
  expect(() => files.revoke(ANNA.key)).toThrow(unusable)
  expect(() => files.invite(ANNA)).toThrow(unusable)
})
