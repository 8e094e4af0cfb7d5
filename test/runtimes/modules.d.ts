// Untyped modules that the tier uses: scripts of ours, and packages that only Bare has.

declare module '*/shared/packages.mjs' {
  export interface PublicPackage {
    readonly name: string
    readonly folder: string
  }
  export function publicPackages(): Promise<PublicPackage[]>
}

declare module '*/shared/pack.mjs' {
  export function pack(pkg: { readonly folder: string }, folder: string): Promise<string>
}

declare module 'hyperdht/testnet.js' {
  import type { DhtNode } from '@swarmway/swarm'
  export default function createTestnet(
    size: number,
    options: { host: string }
  ): Promise<{ createNode(): DhtNode; destroy(): Promise<void> }>
}

declare module 'bare-hrtime' {
  export default function hrtime(): [seconds: number, nanoseconds: number]
}

declare module 'bare-abort-controller' {
  export const AbortController: object
}

declare module 'bare-events/web' {
  export const Event: object
  export const EventTarget: object
}
