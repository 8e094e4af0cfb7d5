/** Bare from npm, with our packages installed beside it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { installPacked } from '../support/install.ts'

/** The runtime is a package of its own for each platform; the one called `bare` may lag behind. */
const RUNTIME = `bare-runtime-${process.platform}-${process.arch}`

/** An application in Bare. */
export class BareApp {
  readonly folder: string
  readonly #bin: string

  private constructor(folder: string) {
    this.folder = folder
    this.#bin = join(folder, 'node_modules', RUNTIME, 'bin', 'bare')
  }

  /** Installs it; `bare-ws` is what the documentation says to install for WebSockets. */
  static async create(): Promise<BareApp> {
    return new BareApp(
      await installPacked('bare', [`${RUNTIME}@latest`, 'bare-ws', 'bare-pack', 'bare-abort-controller'])
    )
  }

  /** Runs a program of the folder to its end; what it prints. */
  run(...args: string[]): string {
    return execFileSync(this.#bin, args, { cwd: this.folder, encoding: 'utf8' })
  }

  start(...args: string[]): { child: ChildProcess; lines: AsyncIterable<string> } {
    const child = spawn(this.#bin, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'inherit'] })
    return { child, lines: createInterface({ input: child.stdout }) }
  }
}
