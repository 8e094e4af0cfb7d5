import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeFolder } from './files.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SOURCE = fileURLToPath(new URL('../../packages/cli/src/page/', import.meta.url))
const TARGET = fileURLToPath(new URL('../../packages/cli/dist/site/', import.meta.url))
/** What `index.html` refers to, beside the script. */
const PLAIN_FILES = ['style.css', 'icon.svg']

/**
 * Bundles the page of `swarmway proxy --site`. Every file but index.html has a digest of its content in its name, so that
 * browsers may keep it for ever.
 */
export async function writePage() {
  const files = await bundle()
  let html = readFileSync(join(SOURCE, 'index.html'), 'utf8')
  const main = [...files.keys()].find((name) => name.startsWith('main-'))
  html = html.replace('{{main.js}}', main)
  for (const name of PLAIN_FILES) {
    const content = await minified(name)
    const [stem, extension] = name.split('.')
    const hashed = `${stem}-${createHash('sha256').update(content).digest('hex').slice(0, 8)}.${extension}`
    files.set(hashed, content)
    html = html.replace(`{{${name}}}`, hashed)
  }
  files.set('index.html', Buffer.from(html))
  writeFolder(TARGET, files)
}

async function bundle() {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(SOURCE, 'main.ts')],
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    outdir: TARGET,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'warning',
    absWorkingDir: ROOT,
    metafile: true,
    write: false
  })
  const files = new Map(outputFiles.map(({ contents, path }) => [basename(path), Buffer.from(contents)]))
  return files.set('licenses.txt', Buffer.from(licenses(Object.keys(metafile.inputs))))
}

/** The licences of the packages that these files, relative to the root, belong to. */
function licenses(paths) {
  const folders = paths.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean)
  return [...new Set(folders)]
    .sort()
    .map(license)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function license(folder) {
  const path = join(ROOT, folder)
  const { license: kind, name, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
  const file = readdirSync(path).find((one) => /^(license|licence)/i.test(one))
  return `${name} ${version} (${kind})\n\n${file === undefined ? '' : readFileSync(join(path, file), 'utf8')}`
}

async function minified(name) {
  const path = join(SOURCE, name)
  if (!name.endsWith('.css')) return readFileSync(path)
  const { outputFiles } = await build({ entryPoints: [path], minify: true, write: false, logLevel: 'warning' })
  return Buffer.from(outputFiles[0].contents)
}
