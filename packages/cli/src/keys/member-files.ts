import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { failureText, remedyOf } from '../shared/errors/write-error.js'
import { keyEncoding } from '../shared/names/keys.js'

/** Somebody who was invited to a group, or whose key was revoked. */
export interface Member {
  readonly key: Uint8Array
  /** Empty if there is none. */
  readonly label: string
  /** Milliseconds since 1970; null: for ever. */
  readonly expiresAt: number | null
  readonly isRevoked: boolean
}

type Invited = Omit<Member, 'isRevoked'>

const INVITED = '.invited'
const REVOKED = '.revoked'

/**
 * The members of a group, each in a file of its own. Whether one is revoked is in the file's name: so it changes in one
 * step, two commands at once lose nothing, and a server that looks every second reads names only. Methods throw a
 * `CliError` if the files cannot be used.
 */
export class MemberFiles {
  readonly #folder: string

  /** `folder` must exist: one that has gone is an error, and not a group of which nobody was revoked. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Everyone, in the order of their labels. */
  list(): Member[] {
    return this.#use(() => {
      const members = this.#keys().map(({ key, isRevoked }) => this.#read(key, isRevoked))
      return members.sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0))
    })
  }

  /** The keys that have been revoked. */
  revoked(): Uint8Array[] {
    return this.#use(() => this.#keys().flatMap(({ key, isRevoked }) => (isRevoked ? [key] : [])))
  }

  /** Notes an invitation. True if the key was revoked before, and is not any more. */
  invite(member: Invited): boolean {
    return this.#use(() => {
      this.#write(this.#path(member.key, INVITED), member)
      const revoked = this.#path(member.key, REVOKED)
      const wasRevoked = existsSync(revoked)
      rmSync(revoked, { force: true })
      return wasRevoked
    })
  }

  /** Revokes a key, which need not be known. False if it was revoked before. */
  revoke(key: Uint8Array): boolean {
    return this.#use(() => {
      const revoked = this.#path(key, REVOKED)
      if (existsSync(revoked)) return false
      const invited = this.#path(key, INVITED)
      if (existsSync(invited)) renameSync(invited, revoked)
      else this.#write(revoked, { key, label: '', expiresAt: null })
      return true
    })
  }

  #use<T>(act: () => T): T {
    try {
      return act()
    } catch (cause) {
      const message = failureText(cause)
      throw new CliError(`The members in ${this.#folder} cannot be used: ${message}.`, {
        hint: `${remedyOf(cause) ?? 'Make room there, or allow this user to read and write'}.`,
        exitCode: EXIT.unusable,
        cause
      })
    }
  }

  #keys(): { key: Uint8Array; isRevoked: boolean }[] {
    const names = new Set(readdirSync(this.#folder))
    const revoked = [...names].flatMap((name) => keyIn(name, REVOKED, true))
    // Both files are there for a moment while somebody is invited again.
    const invited = [...names].filter((name) => !names.has(name.replace(INVITED, REVOKED)))
    return [...revoked, ...invited.flatMap((name) => keyIn(name, INVITED, false))]
  }

  #path(key: Uint8Array, ending: string): string {
    return join(this.#folder, `${keyEncoding.encode(key)}${ending}`)
  }

  #write(path: string, { expiresAt, label }: Invited): void {
    writeFileSync(`${path}.part`, `${JSON.stringify({ label, expiresAt })}\n`, { mode: 0o600 })
    renameSync(`${path}.part`, path)
  }

  #read(key: Uint8Array, isRevoked: boolean): Member {
    const known = parsed(readFileSync(this.#path(key, isRevoked ? REVOKED : INVITED), 'utf8'))
    const label = typeof known['label'] === 'string' ? known['label'] : ''
    const expiresAt = typeof known['expiresAt'] === 'number' ? known['expiresAt'] : null
    return { key, label, expiresAt, isRevoked }
  }
}

function keyIn(name: string, ending: string, isRevoked: boolean): { key: Uint8Array; isRevoked: boolean }[] {
  if (!name.endsWith(ending)) return []
  try {
    return [{ key: new Uint8Array(keyEncoding.decode(name.slice(0, -ending.length))), isRevoked }]
  } catch {
    return []
  }
}

/** A file that somebody has edited by hand costs a label, not the command. */
function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
