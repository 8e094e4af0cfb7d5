import { readFileSync } from 'node:fs'

/** The version of this package. */
export const VERSION: string = readVersion()

function readVersion(): string {
  // Two folders up from here, in the sources as in what is published.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
