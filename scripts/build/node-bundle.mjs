import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { publicPackages } from '../shared/packages.mjs'
import { writeFolder } from './files.mjs'

const FOLDER = 'dist/for-node'

/**
 * CommonJS modules are required: importing one makes Node search its text for names first, with all that it re-exports. The
 * function comes from a module of its own, since `import.meta` cannot be transformed to CommonJS, as Jest does.
 */
const REQUIRE = { name: 'require.cjs', code: 'module.exports = require\n' }
const BANNER = `import require from './${REQUIRE.name}'`

/** The condition that Node sets, and bundlers for Node do not: they could not follow the calls of `require`. */
const CONDITION = 'node-addons'

/**
 * Bundles what Node loads from the published packages: the targets of `node-addons` in their `publishConfig.exports`.
 * See docs/decisions/0126-node-loads-bundles.md.
 */
export async function writeNodeBundles() {
  for (const { folder, manifest } of await publicPackages()) {
    const entries = Object.values(manifest.publishConfig.exports ?? {})
    if (entries.length > 0) writeFolder(join(folder, FOLDER), await filesFor(folder, entries))
  }
}

async function filesFor(folder, entries) {
  const files = await bundle(folder, entries)
  files.set(REQUIRE.name, REQUIRE.code)
  for (const { require } of entries) {
    const name = basename(require[CONDITION], '.cjs')
    const code = readFileSync(join(folder, require.default), 'utf8')
    files.set(`${name}.cjs`, code.replace(/require\('.*'\)/, `require('./${name}.js')`))
  }
  return files
}

/** What entries share is in chunks, so it exists once. Source maps lead to the modules in `dist`. */
async function bundle(folder, entries) {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(
      entries.map((entry) => [basename(entry[CONDITION], '.js'), join(folder, entry.default)])
    ),
    outdir: join(folder, FOLDER),
    absWorkingDir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['node'],
    chunkNames: 'chunk-[hash]',
    banner: { js: BANNER },
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    write: false,
    plugins: [outsideModules(folder), ownUrls(join(folder, 'dist'))]
  })
  return new Map(outputFiles.map(({ contents, path }) => [basename(path), contents]))
}

/** Other packages stay outside. Those in CommonJS are required. */
function outsideModules(folder) {
  const names = importedNames(join(folder, 'dist'))
  return {
    name: 'outside-modules',
    setup(plugin) {
      plugin.onResolve({ filter: /^[^.#/]/ }, ({ kind, path, namespace }) => {
        const isRequired = kind === 'import-statement' && namespace === 'file' && isCommonJs(path, folder)
        return isRequired ? { path, namespace: 'required', sideEffects: false } : { path, external: true }
      })
      plugin.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
        contents: required(path, [...(names.get(path) ?? [])])
      }))
    }
  }
}

function required(path, names) {
  return `const module = require('${path}')\nexport default module\nexport const { ${names.join(', ')} } = module`
}

/** Whether `import` and `require` both get the same CommonJS module. */
function isCommonJs(specifier, folder) {
  if (isBuiltin(specifier)) return false
  let home = dirname(createRequire(join(folder, 'package.json')).resolve(specifier))
  while (!existsSync(join(home, 'package.json'))) home = dirname(home)
  const { exports = {}, type } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  return type !== 'module' && !JSON.stringify(exports).includes('"import"')
}

/** The names that modules in `dist` import from other packages, by package. */
function importedNames(dist) {
  const names = new Map()
  const modules = readdirSync(dist, { recursive: true }).filter((path) => /^(?!for-node).*\.js$/.test(path))
  for (const text of modules.map((path) => readFileSync(join(dist, path), 'utf8'))) {
    for (const [, list, from] of text.matchAll(/^import [^'{]*\{([^}]*)\} from '([^.#/][^']*)'/gm)) {
      const imported = list.split(',').map((item) => item.trim().split(' as ')[0])
      names.set(from, new Set([...(names.get(from) ?? []), ...imported]))
    }
  }
  return names
}

/** Modules that read files beside themselves still find them: bundles are all in one folder below `dist`. */
function ownUrls(dist) {
  return {
    name: 'own-urls',
    setup(plugin) {
      plugin.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        if (!text.includes('import.meta.url')) return undefined
        const url = `new URL('../${relative(dist, path).replaceAll('\\', '/')}', import.meta.url).href`
        return { contents: text.replaceAll('import.meta.url', url) }
      })
    }
  }
}
