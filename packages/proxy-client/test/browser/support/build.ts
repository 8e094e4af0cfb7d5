import { execFileSync } from 'node:child_process'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import * as vite from 'vite'

const WORKSPACE = fileURLToPath(new URL('../../../../../', import.meta.url))

/** Path of a test application. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../app/${name}`, import.meta.url))
}

/** The files of a bundle by name, the entry first. */
export type Bundle = ReadonlyMap<string, Uint8Array>

/** Brings `dist` up to date: it is what users install, and what a bundler sees without our own export condition. */
export function buildPackages(): void {
  execFileSync('npx', ['tsc', '-b', 'packages/proxy-client'], { cwd: WORKSPACE, stdio: 'inherit' })
}

/** Bundles with esbuild, using only the common flags. */
export async function bundleWithEsbuild(entry: string, options: esbuild.BuildOptions = {}): Promise<Bundle> {
  const outdir = '/bundle'
  const { outputFiles } = await esbuild.build({
    entryPoints: { app: entry },
    bundle: true,
    format: 'esm',
    splitting: true,
    minify: true,
    outdir,
    logLevel: 'error',
    ...options,
    write: false
  })
  const files = outputFiles.map(({ path, contents }) => [relative(outdir, path), contents] as const)
  return entryFirst(files, (name) => name === 'app.js')
}

/** Bundles with Vite in its default configuration. */
export async function bundleWithVite(entry: string): Promise<Bundle> {
  const { output } = (await vite.build({
    root: join(entry, '..'),
    configFile: false,
    logLevel: 'error',
    build: { write: false, rollupOptions: { input: entry } }
  })) as { output: { fileName: string; isEntry?: boolean; code?: string; source?: string | Uint8Array }[] }
  const entryName = output.find(({ isEntry }) => isEntry)?.fileName
  const files = output.map(({ fileName, code, source }) => [fileName, Buffer.from(code ?? source ?? '')] as const)
  return entryFirst(files, (name) => name === entryName)
}

function entryFirst(files: (readonly [string, Uint8Array])[], isEntry: (name: string) => boolean): Bundle {
  return new Map(files.sort(([a], [b]) => Number(isEntry(b)) - Number(isEntry(a))))
}
