/** Platforms whose file systems mostly treat A and a as the same letter. */
const CASELESS: readonly NodeJS.Platform[] = ['darwin', 'win32']

/** The names of the files to be written; finds those that collide. */
export class TakenNames {
  readonly #isCaseless: boolean
  readonly #taken = new Set<string>()

  constructor(platform: NodeJS.Platform) {
    this.#isCaseless = CASELESS.includes(platform)
  }

  /** Takes a path; prefixes of it must come first. Returns why the path is impossible, or null. */
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
