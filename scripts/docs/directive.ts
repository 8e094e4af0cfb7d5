/**
 * What an HTML comment directly above a code block tells the checks. Readers do not see it.
 *
 *     <!-- run: name -->            a complete program; test/docs/programs.test.ts runs it under this name
 *     <!-- given: swarm, topic -->  names that the block uses without declaring; see given.ts
 *     <!-- browser -->              for a browser: checked with the DOM's types, without Node's
 *     <!-- file: path -->           the block is this file, relative to the page; `npm run docs` copies it
 *     <!-- skip: why -->            not checked, and the reason
 *
 * Several directives are separated by semicolons. Without any, a block is checked as it is.
 */
export interface Directive {
  readonly run: string | null
  readonly given: readonly string[]
  readonly browser: boolean
  readonly file: string | null
  readonly skip: string | null
}

const NAMES = new Set(['run', 'given', 'browser', 'file', 'skip'])

/** Parses a comment. Throws an error that begins with `where` if it has an unknown directive. */
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
