import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A copy of the repository, as much of it as releasing touches. It goes with the test. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'swarmway-workspace-'))
  readonly packages = readdirSync(join(root, 'packages'))

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    for (const path of ['scripts', 'CHANGELOG.md', 'package.json', 'tsconfig.base.json']) {
      cpSync(join(root, path), join(this.folder, path), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
    for (const name of this.packages) {
      const folder = join(this.folder, 'packages', name)
      mkdirSync(join(folder, 'dist'), { recursive: true })
      cpSync(join(root, 'packages', name, 'package.json'), join(folder, 'package.json'))
    }
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.folder, path, '..'), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true })
  }

  manifest(name: string): { name: string; version: string; exports?: object } {
    return JSON.parse(this.read(`packages/${name}/package.json`))
  }

  versions(): Set<string> {
    return new Set(this.packages.map((name) => this.manifest(name).version))
  }

  /** Runs a script of the copy. Nothing of GitHub's environment reaches it but what is given. */
  run(script: string, args: string[] = [], env: Record<string, string> = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GITHUB_'))
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(this.folder, 'scripts', script), ...args], {
      encoding: 'utf8',
      env: { ...Object.fromEntries(inherited), ...env }
    })
    return { code: status, stdout, stderr }
  }
}
