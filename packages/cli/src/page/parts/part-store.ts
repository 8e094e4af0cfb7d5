/** Keeps the pieces of files until each is whole. Names are file names of letters and digits. */
export interface PartStore {
  /** Whether it survives a reload. */
  readonly isLasting: boolean
  /** The pieces of a file, in order. */
  read(name: string): Promise<Blob[]>
  /** Adds the piece with this number, from 0 on. */
  write(name: string, index: number, piece: Blob): Promise<void>
  remove(name: string): Promise<void>
  /** A text about all of them; null if there is none. */
  readNote(): Promise<string | null>
  writeNote(text: string): Promise<void>
  /** Notes which code it came with, for a page that knows no code. */
  writeCode(code: string): Promise<void>
  /** Removes everything. */
  clear(): Promise<void>
  /** Lets another tab use it. What was read of it stays readable, unless that tab removes it. */
  release(): void
}
