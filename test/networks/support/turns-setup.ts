/** Gives the tests of all files their turns: those that mostly wait run side by side, those that need the machine alone. */
import { rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** What a test needs the processor for. */
export type TurnKind = 'waiting' | 'busy'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the socket at which a test asks for its turn. */
    turns: string
  }
}

/** Each has some twenty processes. */
const WAITING_AT_ONCE = 4

interface Asker {
  readonly socket: Socket
  readonly kind: TurnKind
}

class Turns {
  readonly #running = new Set<Asker>()
  readonly #queue: Asker[] = []

  /** A turn lasts until the socket closes, whatever becomes of the process. */
  accept(socket: Socket): void {
    socket.on('error', () => {})
    socket.once('data', (data) => {
      const asker: Asker = { socket, kind: data.toString() === 'busy' ? 'busy' : 'waiting' }
      socket.once('close', () => this.#leave(asker))
      this.#queue.push(asker)
      this.#admit()
    })
  }

  #leave(asker: Asker): void {
    const index = this.#queue.indexOf(asker)
    if (index >= 0) this.#queue.splice(index, 1)
    this.#running.delete(asker)
    this.#admit()
  }

  /** Those that wait go first, since many of them fit. */
  #admit(): void {
    for (const asker of [...this.#queue].sort((a, b) => b.kind.localeCompare(a.kind))) {
      const isAlone = this.#running.size === 0
      const isBesideOthers = ![...this.#running].some(({ kind }) => kind === 'busy')
      const mayRun = asker.kind === 'busy' ? isAlone : isBesideOthers && this.#running.size < WAITING_AT_ONCE
      if (!mayRun) return
      this.#queue.splice(this.#queue.indexOf(asker), 1)
      this.#running.add(asker)
      asker.socket.write('go')
    }
  }
}

export default function setup({ provide }: TestProject): () => void {
  const path = join(tmpdir(), `swarmway-turns-${process.pid}`)
  const turns = new Turns()
  const server = createServer((socket) => turns.accept(socket)).listen(path)
  server.unref()
  provide('turns', path)
  return () => {
    server.close()
    rmSync(path, { force: true })
  }
}
