/**
 * Folders with a runtime or bundler from npm and our built packages, as in an application that uses both. They are kept in
 * the folder for temporary files, or in RUNTIMES_CACHE, so that only the first run downloads.
 */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { ending, printed } from './command.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const APP = join(ROOT, 'test/runtimes/app')
const CACHE = process.env['RUNTIMES_CACHE'] ?? join(tmpdir(), 'swarmway-runtimes')
const OURS = ['runtime', 'swarm', 'proxy-protocol', 'proxy-client', 'proxy-server']
/** The registry, or a part of it, is out of reach. Everything else that npm reports is a failure. */
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|E403|E404|E5\d\d)\b/
const INSTALL_MS = 600_000

interface Manifest {
  name: string
  version: string
  dependencies: Record<string, string>
  /** Replaces other fields when pnpm packs. */
  publishConfig?: object
}

/** An installed case. */
export interface Kit {
  /** Where it is installed. */
  readonly folder: string
  /** Whether its packages could not be downloaded: then its tests are skipped. */
  readonly isMissing: boolean
  /** Path of a command that the packages of the case have installed. */
  command(name: string): string
  /** Runs such a command, and resolves to what it prints. */
  run(name: string, args: readonly string[], env?: Record<string, string>): Promise<string>
}

/** Installs the case in `test/runtimes/<name>`: its `package.json`, its files, and those of the application. */
export async function openKit(name: string): Promise<Kit> {
  const own = join(ROOT, 'test/runtimes', name)
  const manifest = manifestOf(readJson(join(own, 'package.json')))
  const folder = folderOf(name, manifest)
  const isMissing = !(await isInstalled(name, folder, manifest))
  if (!isMissing) {
    for (const source of [own, APP]) copy(source, folder)
    writeFileSync(join(folder, 'meet.cjs'), await inCommonJs(join(APP, 'meet.js')))
    for (const pkg of OURS) layPackage(pkg, folder)
  }
  const command = (bin: string): string => join(folder, 'node_modules/.bin', bin)
  return { folder, isMissing, command, run: (bin, args, env = {}) => printed(command(bin), args, { cwd: folder, env }) }
}

/** The same application in CommonJS. */
async function inCommonJs(path: string): Promise<string> {
  const { code } = await transform(readFileSync(path, 'utf8'), { format: 'cjs' })
  return code
}

/** The tools of the case, and everything that our packages depend on. */
function manifestOf(own: Partial<Manifest>): object {
  const ours = OURS.map((pkg) => readJson(join(ROOT, 'packages', pkg, 'package.json')))
  const dependencies = Object.assign({}, ...ours.map((pkg) => pkg.dependencies), own.dependencies)
  const foreign = Object.entries<string>(dependencies).filter(([, range]) => !range.startsWith('workspace:'))
  return { ...own, private: true, dependencies: Object.fromEntries(foreign) }
}

/** Another folder for other dependencies, and for another clone of this repository. */
function folderOf(name: string, manifest: object): string {
  const key = createHash('sha256').update(ROOT).update(JSON.stringify(manifest)).digest('hex').slice(0, 12)
  return join(CACHE, `${name}-${key}`)
}

async function isInstalled(name: string, folder: string, manifest: object): Promise<boolean> {
  if (existsSync(join(folder, '.installed'))) return true
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  console.error(`${name}: installing into ${folder} ...`)
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const { code, output } = await ending('npm', args, { cwd: folder, timeoutMs: INSTALL_MS })
  if (code === 0) writeFileSync(join(folder, '.installed'), '')
  else if (!UNREACHABLE.test(output)) throw new Error(`npm cannot install the case "${name}":\n${output}`)
  else console.error(`SKIPPED: "${name}" cannot be downloaded, so nothing of it is tested.\n${output}`)
  return code === 0
}

/** The built package, as it is in the tarball. */
function layPackage(name: string, folder: string): void {
  const source = join(ROOT, 'packages', name)
  const { dependencies, publishConfig, ...manifest } = readJson(join(source, 'package.json'))
  const target = join(folder, 'node_modules', manifest.name)
  rmSync(target, { recursive: true, force: true })
  cpSync(join(source, 'dist'), join(target, 'dist'), { recursive: true })
  const ranges = Object.entries(dependencies).map(([key, range]) => [
    key,
    range.replace('workspace:*', manifest.version)
  ])
  const published = { ...manifest, ...publishConfig, dependencies: Object.fromEntries(ranges) }
  writeFileSync(join(target, 'package.json'), JSON.stringify(published))
}

function copy(source: string, folder: string): void {
  for (const name of readdirSync(source)) {
    if (name !== 'package.json' && !name.endsWith('.test.ts'))
      cpSync(join(source, name), join(folder, name), { recursive: true })
  }
}

function readJson(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}
