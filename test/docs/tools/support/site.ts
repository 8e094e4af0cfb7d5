/** A folder for the files of a test, with everything needed to try a site on this machine. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { runTool } from './tool.ts'

/** A token for the token file. */
export const TOKEN = 'a token for these tests'

export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'swarmway-docs-'))
  readonly cert = join(this.folder, 'cert.pem')
  readonly key = join(this.folder, 'key.pem')
  readonly tokens = this.write('tokens', `${TOKEN}\n`)

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    const files = ['-keyout', this.key, '-out', this.cert]
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    runTool('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...files, ...name], 'openssl')
  }

  /** Writes a file, and returns its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  /** A file of docs/production with some texts replaced. Each text must occur in it. */
  copy(name: string, replace: Readonly<Record<string, string>> = {}): string {
    const given = readFileSync(new URL(`../../../../docs/production/${name}`, import.meta.url), 'utf8')
    const text = Object.entries(replace).reduce((before, [from, to]) => {
      if (!before.includes(from)) throw new Error(`docs/production/${name} has no "${from}"`)
      return before.replaceAll(from, to)
    }, given)
    return this.write(name, text)
  }
}
