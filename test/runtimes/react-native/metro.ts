/** An application for React Native, with our packages from npm, bundled by Metro as React Native configures it. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPacked } from '../support/install.ts'

/** The newest that Node 20 runs; the command line of Hermes, of which npm has this version. */
const TOOLS = [
  'metro@0.83',
  '@react-native/metro-config@0.83',
  '@react-native/babel-preset@0.83',
  '@babel/core@7',
  '@babel/runtime@7',
  'hermes-engine-cli@0.12.0'
]

/** React Native itself is left out: the test stands in for what it would load before the application. */
const CONFIG = `const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config')
const resolver = process.env.SODIUM === undefined ? {} : {
  // As the documentation shows it, for a native module.
  resolveRequest: (context, name, platform) =>
    context.resolveRequest(context, name === 'sodium-universal' ? process.env.SODIUM : name, platform)
}
module.exports = mergeConfig(getDefaultConfig(__dirname), {
  resolver,
  serializer: { getModulesRunBeforeMainModule: () => [], getPolyfills: () => [] }
})`

const BABEL = `module.exports = { presets: ['@react-native/babel-preset'] }`

const BUILD = `const Metro = require('metro')
async function main() {
  const config = await Metro.loadConfig({ config: __dirname + '/metro.config.cjs' })
  await Metro.runBuild(config, { entry: 'app.js', platform: 'android', dev: false, minify: true, out: 'bundle.js', sourceMap: true, sourceMapOut: 'bundle.js.map' })
}
main().catch((error) => {
  console.error(error)
  process.exit(1)
})`

/** What was bundled, and where Hermes is. */
export interface Bundled {
  readonly folder: string
  readonly code: string
  /** Paths of the modules in the bundle, below the application's folder. */
  readonly modules: readonly string[]
  readonly hermes: string
  /** What Metro printed: warnings about packages too. */
  readonly output: string
}

/** Installs the application, and bundles it. */
export async function bundle(): Promise<Bundled> {
  const folder = await installPacked('react-native', TOOLS)
  writeFileSync(join(folder, 'metro.config.cjs'), CONFIG)
  writeFileSync(join(folder, 'babel.config.js'), BABEL)
  writeFileSync(join(folder, 'build.cjs'), BUILD)
  copyFileSync(fileURLToPath(new URL('app.js', import.meta.url)), join(folder, 'app.js'))
  return build(folder)
}

/** Bundles once more, with another module for encryption. */
export function bundleAgain({ folder }: Bundled, sodium: string): Bundled {
  writeFileSync(join(folder, 'native-sodium.js'), sodium)
  return build(folder, { SODIUM: join(folder, 'native-sodium.js') })
}

function build(folder: string, env: Record<string, string> = {}): Bundled {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } } as const
  const output = execFileSync(process.execPath, ['build.cjs'], options)
  const map = JSON.parse(readFileSync(join(folder, 'bundle.js.map'), 'utf8')) as { sources: string[] }
  return {
    folder,
    code: readFileSync(join(folder, 'bundle.js'), 'utf8'),
    modules: map.sources,
    hermes: join(folder, 'node_modules/hermes-engine-cli/linux64-bin/hermes'),
    output
  }
}
