/** The rows of the table in docs/runtimes.md: each is a folder in here, whose tests show what the row says. */
export interface RuntimeCase {
  /** The folder. */
  readonly folder: string
  /** What the titles of its tests begin with. */
  readonly name: string
  /** The package whose version is shown; null if it is none. */
  readonly tool: string | null
  /** What runs there. */
  readonly runs: string
  /** What a user has to set. */
  readonly setting: string
}

const CLIENT = 'the proxy client'

export const CASES: readonly RuntimeCase[] = [
  {
    folder: 'workers',
    name: 'Chromium',
    tool: null,
    runs: 'the proxy client in a Web, Shared or Service Worker, as a module or a classic script',
    setting: 'nothing'
  },
  {
    folder: 'workerd',
    name: 'workerd',
    tool: 'miniflare',
    runs: 'the proxy client in a Cloudflare Worker',
    setting: 'nothing with wrangler; [without the condition `browser`](#cloudflare-workers) a little'
  },
  {
    folder: 'bare',
    name: 'Bare',
    tool: null,
    runs: 'the swarm and the proxy client; [an example](../examples/bare/README.md)',
    setting: 'nothing'
  },
  {
    folder: 'react-native',
    name: 'React Native',
    tool: null,
    runs: 'the proxy client, bundled by Metro, in Hermes and in an engine without WebAssembly',
    setting: 'nothing; a native module for encryption by choice'
  },
  {
    folder: 'bun',
    name: 'Bun',
    tool: 'bun',
    runs: 'the proxy client; a proxy server with `dht: null`; the native swarm throws `UNSUPPORTED_RUNTIME`',
    setting: 'nothing'
  },
  {
    folder: 'deno',
    name: 'Deno',
    tool: 'deno',
    runs: 'the proxy client; a proxy server with `dht: null`; the native swarm throws `UNSUPPORTED_RUNTIME`',
    setting: 'a `node_modules` folder, made by npm or by `deno install`'
  },
  { folder: 'webpack', name: 'webpack 5', tool: 'webpack', runs: CLIENT, setting: 'nothing' },
  { folder: 'vite', name: 'Vite 8', tool: 'vite', runs: `${CLIENT}, built and in development`, setting: 'nothing' },
  { folder: 'rollup', name: 'Rollup 4', tool: 'rollup', runs: CLIENT, setting: '[`preferBuiltins: false`](#rollup)' },
  { folder: 'parcel', name: 'Parcel 2', tool: 'parcel', runs: CLIENT, setting: '[`packageExports`](#parcel)' },
  {
    folder: 'next',
    name: 'Next.js 16',
    tool: 'next',
    runs: 'the proxy client in pages, in their rendering on the server, and in routes; with Turbopack and with webpack',
    setting: '[`serverExternalPackages`](#nextjs)'
  },
  {
    folder: 'jest',
    name: 'Jest 30',
    tool: 'jest',
    runs: 'the proxy client and the native swarm, in ES modules and in CommonJS',
    setting: 'nothing in ES modules; in CommonJS [a transform](#jest), or Node 24.9'
  },
  {
    folder: 'electron',
    name: 'Electron',
    tool: null,
    runs: 'the native swarm, the proxy client and a proxy server in the main process; the proxy client in a sandboxed preload script',
    setting: '[bundle the preload script](#electron)'
  }
]
