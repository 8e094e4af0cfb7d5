/** The members of Node's `process` that are used. Other platforms do not wait for a UDP socket to close. */
export interface Host {
  readonly stdin?: StandardInput
  readonly stdout?: StandardStream
  readonly stderr?: StandardStream
  /** To the parent process, which may be what it waits for. */
  readonly channel?: object | null
  getActiveResourcesInfo?(): string[]
  emitWarning?(message: string, options: { type: string; code: string }): void
}

interface StandardStream {
  readonly _handle?: { hasRef?(): boolean } | null
}

interface StandardInput extends StandardStream {
  readonly readableEnded: boolean
  readonly readableFlowing: boolean | null
  listenerCount(event: string): number
}

/** How Node names terminals and pipes, which the standard streams may be. */
const STANDARD = /^(TTYWrap|PipeWrap)$/

/**
 * Whether Node names anything that the process waits for. Node does not know of the sockets of UDX, nor of other native
 * modules and jobs in its own thread pool.
 */
export function waitsForSomething(host: Host): boolean {
  // Before the resources are listed, since Node makes these streams when they are first asked for.
  const standard = [host.stdin, host.stdout, host.stderr].filter((stream) => stream?._handle?.hasRef?.()).length
  const resources = host.getActiveResourcesInfo?.() ?? ['unknown']
  if (host.channel != null || reads(host.stdin)) return true
  return resources.length > standard || resources.some((name) => !STANDARD.test(name))
}

/** A program with a prompt waits for its user. */
function reads(stdin: StandardInput | undefined): boolean {
  if (stdin === undefined || stdin.readableEnded) return false
  return stdin.readableFlowing === true || stdin.listenerCount('data') + stdin.listenerCount('readable') > 0
}
