import type { AddressInfo, Server } from 'node:net'
import { CliError } from '../../shared/errors/cli-error.js'
import { EXIT } from '../../shared/errors/exit-codes.js'

/** The address to listen on, and the flag that sets it. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly flag: string
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  EACCES: 'this user is not allowed to use it',
  EADDRNOTAVAIL: 'this machine does not have the address'
}

/** Starts listening and resolves to the port. Rejects with a CliError. */
export async function bind(server: Server, { flag, host, port }: Place): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (cause) {
    throw cannotListen({ flag, host, port }, cause)
  }
  return (server.address() as AddressInfo).port
}

/** What to tell the user when a port cannot be used. */
export function cannotListen({ flag, host, port }: Place, cause: unknown): CliError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const sentence = `Cannot listen on ${host} port ${port}: ${REASONS[code] ?? message}.`
  return new CliError(sentence, { hint: `Choose another with ${flag}.`, exitCode: EXIT.unusable, cause })
}
