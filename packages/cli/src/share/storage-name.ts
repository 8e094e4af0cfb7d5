/** The folder, within a shared or a downloaded one, of what is kept from run to run: keys and blocks. */
export const STORAGE_FOLDER = '.swarmway'

/**
 * Whether a name is that folder's. File systems that take no notice of case, invisible letters, or dots and spaces at
 * the end have many spellings of it.
 */
export function isStorageName(name: string): boolean {
  const folded = name.normalize('NFKC').toLowerCase()
  return folded.replace(/\p{Default_Ignorable_Code_Point}/gu, '').replace(/[. ]+$/, '') === STORAGE_FOLDER
}
