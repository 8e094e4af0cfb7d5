import { lstatSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'
import { isRefusal, unreadableError } from './permissions.js'

/** The file that says, in gitignore's syntax, what not to share. */
export const RULES_FILE = '.swarmwayignore'

/** Left out unless the folder's rules or --no-ignore bring it back: secrets, and what can be generated again. */
export const DEFAULT_RULES = [
  // History contains what was deleted on purpose.
  ['.git', '.hg', '.svn'],
  ['.env', '.env.*', '!.env.example', '.envrc', '.netrc', '.npmrc', '.pypirc', '.git-credentials'],
  ['.ssh', '.gnupg', '.aws', '.kube', '.docker', 'id_rsa', 'id_dsa', 'id_ecdsa', 'id_ed25519'],
  ['*.pem', '*.key', '*.p12', '*.pfx'],
  ['node_modules', '.DS_Store', 'Thumbs.db', 'desktop.ini', RULES_FILE]
].flat()

interface Level {
  /** The path of its folder, with a trailing slash, or ''. */
  readonly folder: string
  readonly rules: Ignore
}

/**
 * The ignore rules of a folder. The file at the top can bring back what the defaults leave out. Files further down add
 * rules for their own folder but bring nothing back: they may have come with somebody else's files.
 */
export class IgnoreRules {
  readonly #root: string
  readonly #levels: readonly Level[]

  private constructor(root: string, levels: readonly Level[]) {
    this.#root = root
    this.#levels = levels
  }

  /** The defaults, then the folder's own rules. Throws a `CliError` if its file cannot be read. */
  static of(root: string): IgnoreRules {
    const rules = ignore()
      .add(DEFAULT_RULES)
      .add(readRules(root) ?? [])
    return new IgnoreRules(root, [{ folder: '', rules }])
  }

  /** The rules within a subfolder, given by its path. Throws as {@link of}. */
  within(folder: string): IgnoreRules {
    const text = readRules(join(this.#root, folder))
    if (text === null) return this
    return new IgnoreRules(this.#root, [...this.#levels, { folder: `${folder}/`, rules: ignore().add(text) }])
  }

  /** Whether to leave out this path. Do not ask about paths inside a folder that is left out. */
  leavesOut(way: string, isFolder: boolean): boolean {
    const name = isFolder ? `${way}/` : way
    return this.#levels.some(({ folder, rules }) => rules.ignores(name.slice(folder.length)))
  }
}

/** The text of a folder's rules, or null without any. An unreadable file must not be ignored: its rules hide secrets */
function readRules(folder: string): string | null {
  const path = join(folder, RULES_FILE)
  if (!isThere(path)) return null
  try {
    return decode(readFileSync(path))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const hint = 'Save it as text in UTF-8, remove it, or share everything with --no-ignore.'
    throw new CliError(`${path} cannot be read: ${message}.`, { hint, exitCode: EXIT.unusable, cause: error })
  }
}

/** Throws a `CliError` if the user may not look into the folder. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    throw isRefusal(error) ? unreadableError(dirname(path)) : error
  }
}

function decode(bytes: Uint8Array): string {
  // Text in UTF-16 may be valid UTF-8, but its rules would not mean what they should.
  if (bytes.includes(0)) throw new Error('it is not text in UTF-8')
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}
