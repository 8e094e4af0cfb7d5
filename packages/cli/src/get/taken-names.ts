/** Systems whose files are mostly on file systems that take A and a for one name. */
const CASELESS: readonly NodeJS.Platform[] = ['darwin', 'win32']

/** The names of files that are to be written, so that none gets in the way of another. */
export class TakenNames {
  readonly #isCaseless: boolean
  readonly #taken = new Set<string>()

  constructor(platform: NodeJS.Platform) {
    this.#isCaseless = CASELESS.includes(platform)
  }

  /** Takes a path, which comes after those that begin it. Returns why that is not possible, or null. */
  take(key: string): string | null {
    const path = this.#isCaseless ? key.normalize('NFC').toLowerCase() : key
    if (this.#taken.has(path)) return 'another file has its name here'
    for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) {
      if (this.#taken.has(path.slice(0, end))) return 'a file is where its folder should be'
    }
    this.#taken.add(path)
    return null
  }
}
