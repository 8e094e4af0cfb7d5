import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Makes `files`, contents by name, the only files in a folder. Leaves current files alone: tests that build may run while
 * others read them.
 */
export function writeFolder(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of files) writeIfNew(join(folder, name), content)
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name))
}

/** Writes text or bytes, unless that is what the file holds already. */
export function writeIfNew(path, content) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
