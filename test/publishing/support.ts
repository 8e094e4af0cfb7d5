import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A copy of the parts of the repository that a release touches. It is removed after the test. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'swarmway-workspace-'))
  readonly packages = readdirSync(join(root, 'packages'))

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }))
    const files = ['.changeset', 'scripts', 'CHANGELOG.md', 'package.json', 'pnpm-workspace.yaml', 'tsconfig.base.json']
    for (const path of files) {
      cpSync(join(root, path), join(this.folder, path), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
    for (const name of this.packages) {
      const folder = join(this.folder, 'packages', name)
      mkdirSync(join(folder, 'dist'), { recursive: true })
      for (const file of ['package.json', 'README.md']) cpSync(join(root, 'packages', name, file), join(folder, file))
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

  /** Manifests of the packages and of the root. */
  versions(): Set<string> {
    const root = JSON.parse(this.read('package.json')) as { version: string }
    return new Set([root.version, ...this.packages.map((name) => this.manifest(name).version)])
  }

  /** Runs a script of the copy, with only the given variables of GitHub's environment. */
  run(script: string, args: string[] = [], env: Record<string, string> = {}) {
    return this.#spawn(process.execPath, [join(this.folder, 'scripts', script), ...args], env)
  }

  /** Runs a tool from the dev dependencies in the copy. */
  runTool(name: string, args: string[]) {
    return this.#spawn(join(this.folder, 'node_modules', '.bin', name), args, {})
  }

  #spawn(command: string, args: string[], env: Record<string, string>) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GITHUB_'))
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...Object.fromEntries(inherited), ...env }
    })
    return { code: status, stdout, stderr }
  }
}
