import { withoutInvisible } from '../terminal/invisible.js'

/** The folder for storage (keys and blocks) that may be inside a shared or downloaded folder. */
const STORAGE_FOLDER = '.swarmway'
/** Beginning and end of a file's name while it is being written. */
const UNFINISHED = { start: '.swarmway-', end: '.part' } as const

/** The name of a file while it is being written: unique to its writer, so that writers do not disturb each other. */
export function unfinishedName(writer: string): string {
  return `${UNFINISHED.start}${writer}${UNFINISHED.end}`
}

/** Whether a name is one that {@link unfinishedName} gives to files of a writer whose name begins like that. */
export function isUnfinished(name: string, writer: string): boolean {
  return name.startsWith(`${UNFINISHED.start}${writer}`) && name.endsWith(UNFINISHED.end)
}

/** Whether a name belongs to our storage or an unfinished file of ours. Such names are neither published nor accepted. */
export function isStorageName(name: string): boolean {
  const folded = foldName(name)
  return folded === STORAGE_FOLDER || (folded.startsWith(UNFINISHED.start) && folded.endsWith(UNFINISHED.end))
}

/** Whether any part of a path begins with a dot, like those of settings, keys and programs' files. */
export function isHidden(key: string): boolean {
  return key.split('/').some((name) => foldName(name).startsWith('.'))
}

/**
 * A single spelling for names that some file systems treat as equal: they ignore case, invisible letters, and
 * trailing dots and spaces.
 */
function foldName(name: string): string {
  return withoutInvisible(name.normalize('NFKC').toLowerCase()).replace(/(?<=[^.])[. ]+$/, '')
}
