import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Swarm } from '@swarmway/swarm'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { type DownloadListener, download } from '../../src/get/download.js'
import { contentIdOf, type DownloadPlan, planDownload } from '../../src/get/download-plan.js'
import { findShare } from '../../src/get/find-share.js'
import { listRemoteFiles } from '../../src/get/remote-files.js'
import { WrittenFiles } from '../../src/get/written-files.js'
import { type Core, type Corestore, createHyperdrive, type Hyperdrive } from '../../src/share/packages.js'
import { SharedBlocks } from '../../src/share/shared-blocks.js'
import { importFolder } from '../../src/share/shared-folder.js'
import { openStorage } from '../../src/share/storage.js'
import { walkFolder } from '../../src/shared/files/folder-walk.js'
import type { Room } from '../../src/shared/files/free-space.js'
import { IgnoreRules } from '../../src/shared/files/ignore-rules.js'
import { realPath } from '../../src/shared/files/real-path.js'
import { shortHash } from '../../src/shared/files/short-hash.js'
import { unfinishedName } from '../../src/shared/files/storage-name.js'
import { type RunningCommand, start } from '../support/command.js'
import { type TestNetwork, temporaryFolder } from '../support/net.js'

/** Redirects the data folder of a test file's commands. Returns the new one. */
export function useDataFolder(): () => string {
  const before = process.env['XDG_DATA_HOME']
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'swarmway-data-'))
    process.env['XDG_DATA_HOME'] = folder
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
    if (before === undefined) delete process.env['XDG_DATA_HOME']
    else process.env['XDG_DATA_HOME'] = before
  })
  return () => join(folder, 'swarmway')
}

/** The environment of a command that runs in this folder. It changes there while Node starts. */
export function runIn(folder: string): NodeJS.ProcessEnv {
  const script = encodeURIComponent(`process.chdir(${JSON.stringify(folder)})`)
  return { NODE_OPTIONS: `--import=data:text/javascript,${script}` }
}

/** Runs `swarmway` in a folder until it ends. */
export function runThere(folder: string, args: readonly string[]) {
  return start(args, runIn(folder)).outcome()
}

/** Writes files, given by path within the folder. */
export function fill(folder: string, files: Record<string, string>): string {
  for (const [way, content] of Object.entries(files)) {
    const path = join(folder, way)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    if (content.startsWith('#!')) chmodSync(path, 0o755)
  }
  return folder
}

/** A folder, by its real path, with these files; one that begins with "#!" is executable. */
export function folderWith(files: Record<string, string>): string {
  return fill(realPath(temporaryFolder()), files)
}

/** All files of a folder and their contents. */
export function contentOf(folder: string): Record<string, string> {
  const content: Record<string, string> = {}
  if (!existsSync(folder)) return content
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) content[path.slice(folder.length + 1)] = readFileSync(path, 'latin1')
  }
  return content
}

/** Bytes that a folder takes on the disk, with what its files have reserved. */
export function diskBytesOf(folder: string): number {
  if (!existsSync(folder)) return 0
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const stats = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })
    if (stats?.isFile()) bytes += stats.blocks * 512
  }
  return bytes
}

/** An empty drive and its store. */
export async function openDrive(): Promise<{ drive: Hyperdrive; store: Corestore }> {
  const store = await openStorage(temporaryFolder())
  const drive = createHyperdrive(store)
  onTestFinished(() => drive.close())
  await drive.ready()
  return { drive, store }
}

/** Updates a drive to a folder's contents, as `share` does. */
export async function publish(folder: string, drive: Hyperdrive, hasRules = true) {
  const content = walkFolder(folder, hasRules ? IgnoreRules.of(folder) : null)
  return importFolder(content, drive, await SharedBlocks.open(drive, folder))
}

/** A drive with a folder's contents. */
export async function driveOf(files: Record<string, string>): Promise<Hyperdrive> {
  const { drive } = await openDrive()
  await publish(folderWith(files), drive, false)
  return drive
}

/** The names of a drive's files. */
export async function keysOf(drive: Hyperdrive): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of drive.list('/')) keys.push(key)
  return keys
}

/** Options of a test download. */
export interface FetchOptions {
  hasHidden?: boolean
  overwrite?: boolean
  signal?: AbortSignal
  room?: Room
  onBegin?: DownloadListener['onBegin']
}

/** A store, as far as replication in one process needs it. */
interface Replicating {
  replicate(isInitiator: boolean): Pipe
}

interface Pipe {
  pipe(other: Pipe): Pipe
  on(event: 'error', listener: () => void): unknown
  destroy(): void
}

/** Downloads a drive into one folder repeatedly, as `get` does. */
export class Download {
  readonly drive: Hyperdrive
  readonly folder: string
  readonly storage: string

  private constructor(drive: Hyperdrive, folder: string, storage: string) {
    this.drive = drive
    this.folder = realPath(folder)
    this.storage = storage
  }

  /** Of a drive of this process, from which it is fetched. */
  static async of(source: Hyperdrive, folder: string): Promise<Download> {
    const storage = temporaryFolder()
    const store = await openStorage(storage)
    const drive = createHyperdrive(store, source.key)
    onTestFinished(() => drive.close())
    await drive.ready()
    const ends = [source, drive].map((end) => (end as unknown as { corestore: Replicating }).corestore)
    const [near, far] = ends.map((end, i) => end.replicate(i === 0)) as [Pipe, Pipe]
    near.pipe(far).pipe(near)
    onTestFinished(() => {
      for (const end of [near, far]) {
        end.on('error', () => {})
        end.destroy()
      }
    })
    return new Download(drive, folder, storage)
  }

  /** What the temporary names of its files begin with. */
  get writer(): string {
    return shortHash(`${this.drive.id} ${realPath(this.storage)}`)
  }

  /** The temporary name of a file while it is written. */
  async unfinished(key: string): Promise<string> {
    const entry = await this.drive.entry(key)
    if (entry === null) throw new Error(`${key} is not in the share`)
    const { core } = await this.drive.getBlobs()
    return unfinishedName(`${this.writer}-${shortHash(`${key} ${contentIdOf(entry, core)}`)}`)
  }

  async plan({ hasHidden, overwrite }: FetchOptions = {}): Promise<DownloadPlan> {
    await findShare(this.drive, undefined)
    const files = await listRemoteFiles(this.drive, { hasHidden })
    const { core } = await this.drive.getBlobs()
    return planDownload(files, { folder: this.folder, written: this.#written(), overwrite, core })
  }

  /** Does what the plan says, ignoring refusals. Returns the plan. */
  async run(options: FetchOptions = {}): Promise<DownloadPlan> {
    const { onBegin = () => () => {}, room, signal = new AbortController().signal } = options
    const plan = await this.plan(options)
    const { version } = this.drive
    const target = { folder: this.folder, blocks: this.storage, written: this.#written(), signal, room, version }
    await download(this.drive, plan, target, { onBegin })
    return plan
  }

  /** Calls `action` after each block that is fetched, before it is written. Returns a function that stops that. */
  duringFiles(action: (index: number) => unknown): () => void {
    const { getBlobs } = this.drive
    this.drive.getBlobs = async () => {
      const { core } = await getBlobs.call(this.drive)
      return { core: hooked(core, action) }
    }
    return () => {
      this.drive.getBlobs = getBlobs
    }
  }

  #written(): WrittenFiles {
    return new WrittenFiles(this.storage, this.drive.key, this.folder)
  }
}

/** A core whose sessions call `action` after each block that they have fetched. */
function hooked(core: Core, action: (index: number) => unknown): Core {
  const session = () => {
    const real = core.session()
    const get = real.get.bind(real)
    return Object.assign(real, {
      get: async (index: number) => {
        const block = await get(index)
        action(index)
        return block
      }
    })
  }
  return Object.create(core, { session: { value: session } }) as Core
}

/** The internals of a drive, for writing what no honest program writes. */
interface Inside {
  db: { put(key: string, value: unknown, options?: { keyEncoding: object }): Promise<void> }
}

const require = createRequire(import.meta.url)
/** How a drive stores the names of files; the package comes with hyperdrive. */
const SubEncoder = createRequire(require.resolve('hyperdrive'))('sub-encoder') as new (...names: string[]) => object
const fileNames = new SubEncoder('files', 'utf-8')
const EMPTY = { executable: false, linkname: null, blob: null, metadata: null }

/** Writes any file name and any value into a drive. */
export function putRaw(drive: Hyperdrive, key: string, value: object = {}): Promise<void> {
  return (drive as unknown as Inside).db.put(key, { ...EMPTY, ...value }, { keyEncoding: fileNames })
}

/** Gives a share any name. */
export function putName(drive: Hyperdrive, name: unknown): Promise<void> {
  return (drive as unknown as Inside).db.put('swarmway/share', { name })
}

/** Serves a drive as `share` does. */
export async function serve({ drive, store }: { drive: Hyperdrive; store: Corestore }, network: TestNetwork) {
  const swarm = new Swarm({ dht: network.node() })
  onTestFinished(() => swarm.destroy())
  swarm.on('connection', (connection) => store.replicate(connection))
  await swarm.join(drive.discoveryKey).flushed()
  return swarm
}

/** The key printed by a sharing command. */
export async function keyOf(sharing: RunningCommand): Promise<string> {
  await sharing.prints('\n')
  return sharing.stdout.toString().trim()
}
