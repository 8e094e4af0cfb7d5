import type { Plugin } from 'esbuild'

/** In place of the modules of direct paths through which the rest of the swarm reaches them, what does nothing. */
const STUBS: Readonly<Record<string, string>> = {
  'overlay.js': 'export function withPaths(raw) { return raw }',
  'direct/direct-paths.js': 'export class DirectPaths { begin() {} onNetworkChange() {} }',
  'direct/options.js': 'export function settleDirect() { return null }',
  'spare/spare-accepts.js':
    'export class SpareAccepts { admits() { return false } expect() {} take() { return false } }'
}

/** Bundles as if there were no direct paths. Fails if one of the modules is not there. */
export const withoutPaths: Plugin = {
  name: 'without-paths',
  setup(build) {
    const left = new Set(Object.keys(STUBS))
    build.onLoad({ filter: /swarm[\\/]dist[\\/]paths[\\/]/ }, ({ path }) => {
      const name = Object.keys(STUBS).find((one) => path.replaceAll('\\', '/').endsWith(`/paths/${one}`))
      if (name === undefined) return null
      left.delete(name)
      return { contents: STUBS[name] as string }
    })
    build.onEnd(() => {
      if (left.size > 0) throw new Error(`these modules are not in the bundle: ${[...left].join(', ')}`)
    })
  }
}
