import { once } from 'node:events'
import { connect } from 'node:net'
import { inject } from 'vitest'
import type { TurnKind } from './turns-setup.ts'

/** How long a test may wait for its turn, for its time limit. */
export const TURN_LIMIT_MS = 3_600_000

/** Runs `use` when it is its turn. */
export async function withTurn<Result>(kind: TurnKind, use: () => Promise<Result>): Promise<Result> {
  const socket = connect(inject('turns'))
  try {
    socket.write(kind)
    await once(socket, 'data')
    return await use()
  } finally {
    socket.destroy()
  }
}
