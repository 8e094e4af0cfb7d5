/** The folder that may hold storage within a shared or a downloaded one: keys and blocks. */
const STORAGE_FOLDER = '.swarmway'
/** What the name of a file begins and ends with while it is written. */
const UNFINISHED = { start: '.swarmway-', end: '.part' } as const

/** The name that a file has while it is written: one for each writer, so that none takes another's away. */
export function unfinishedName(writer: string): string {
  return `${UNFINISHED.start}${writer}${UNFINISHED.end}`
}

/** Whether a name is our storage's, or that of an unfinished file of ours. Neither is published, or taken from others. */
export function isStorageName(name: string): boolean {
  const folded = foldName(name)
  return folded === STORAGE_FOLDER || (folded.startsWith(UNFINISHED.start) && folded.endsWith(UNFINISHED.end))
}

/** Whether any part of a path begins with a dot, as the names of settings, keys and programs' files do. */
export function isHidden(key: string): boolean {
  return key.split('/').some((name) => foldName(name).startsWith('.'))
}

/**
 * One spelling for what some file systems take for the same name: they take no notice of case, invisible letters, or
 * dots and spaces at the end.
 */
function foldName(name: string): string {
  const folded = name.normalize('NFKC').toLowerCase()
  return folded.replace(/\p{Default_Ignorable_Code_Point}/gu, '').replace(/(?<=[^.])[. ]+$/, '')
}
