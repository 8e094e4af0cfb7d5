/** A stranger's file name, and why it is not written. */
export interface Refusal {
  readonly key: string
  readonly reason: string
  readonly bytes: number
}

/** Why a dotfile is skipped. Programs read such files, and their contents can become commands. */
export const HIDDEN = 'its name begins with a dot'

/** A name that is not written, for programs. */
export function refusalJson({ bytes, key, reason }: Refusal) {
  return { path: key.slice(1), bytes, reason }
}
