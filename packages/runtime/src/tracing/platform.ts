import type { TraceListener } from './events.js'

/** The part of `node:diagnostics_channel` that is used. */
export interface DiagnosticsChannel {
  channel(name: string): { readonly hasSubscribers: boolean; publish(message: unknown): void }
  subscribe(name: string, listener: TraceListener): void
  unsubscribe(name: string, listener: TraceListener): boolean
}

/** Declared here, as neither DOM nor Node types may be assumed. */
const platform = globalThis as unknown as {
  readonly console: { error(line: string): void }
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>
    getBuiltinModule?(name: 'node:diagnostics_channel'): DiagnosticsChannel | undefined
  }
}

/** Null outside of Node. Not imported, as bundlers for browsers would look for it. */
export function diagnosticsChannel(): DiagnosticsChannel | null {
  return platform.process?.getBuiltinModule?.('node:diagnostics_channel') ?? null
}

/** A variable of the environment; empty where there is none. */
export function environment(name: string): string {
  return platform.process?.env?.[name] ?? ''
}

/** Writes a line to standard error, which may be closed. */
export function writeLine(line: string): void {
  platform.console.error(line)
}
