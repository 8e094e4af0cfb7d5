/**
 * What an HTML comment directly above a code block says to the checks. Readers do not see it.
 *
 *     <!-- run: name -->            a whole program; test/docs/programs.test.ts runs it under this name
 *     <!-- given: swarm, topic -->  names that the block uses and given.ts declares
 *     <!-- browser -->              for a browser: checked with the types of the DOM, without those of Node
 *     <!-- file: path -->           the block is this file, relative to the page; `npm run docs` copies it
 *     <!-- skip: why -->            not checked, and why not
 *
 * Several are separated by semicolons. Without any, a block is checked as it stands.
 */
export interface Directive {
  readonly run: string | null
  readonly given: readonly string[]
  readonly browser: boolean
  readonly file: string | null
  readonly skip: string | null
}

const NAMES = new Set(['run', 'given', 'browser', 'file', 'skip'])

/** Throws an error that begins with `where` if there is a word in it that nobody knows. */
export function parseDirective(comment: string | null, where: string): Directive {
  const words = new Map<string, string>()
  for (const part of comment?.split(';') ?? []) {
    const [, name = '', value = ''] = /^\s*(\w+)(?::\s*(.*?))?\s*$/s.exec(part) ?? []
    const isComplete = value !== '' || name === 'browser'
    if (!NAMES.has(name) || !isComplete) {
      throw new Error(`${where}: the comment above this block says "${part.trim()}"; see scripts/docs/directive.ts`)
    }
    words.set(name, value)
  }
  return {
    run: words.get('run') ?? null,
    given: words.get('given')?.split(/,\s*/) ?? [],
    browser: words.has('browser'),
    file: words.get('file') ?? null,
    skip: words.get('skip') ?? null
  }
}
