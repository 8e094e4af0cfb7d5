import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { FleetOptions } from '@swarmway/proxy-server'
import { type CliError, usageError } from '../../shared/errors/cli-error.js'
import type { ProxySettings } from '../config/settings.js'

/** Guesses would not find a shorter one in reasonable time, but it should not look as if it did not matter. */
const MIN_SECRET_CHARS = 16

/**
 * How the server is part of a fleet; null for a server on its own. A worker is a server of the fleet like any other, so that
 * clients of different workers meet in the same way. Rejects with a CliError.
 */
export async function fleetOptions(settings: ProxySettings, worker: number | null): Promise<FleetOptions | null> {
  const { fleet: servers, fleetUrl: url } = settings
  const linkAddress = linkAddressOf(settings, worker)
  if (servers.length === 0) return null
  const [secret, creds] = [await readSecret(settings.fleetSecretFile), await readOptional(settings.fleetCreds)]
  const { nats } = await import('@swarmway/proxy-server/nats')
  try {
    return nats({
      servers,
      name: nameOf(settings, worker),
      linkPort: linkPort(settings, worker),
      ...(secret !== null && { secret }),
      ...(creds !== null && { creds }),
      ...(linkAddress !== null && { linkAddress }),
      ...(url !== null && { url }),
      ...tlsOf(settings)
    })
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), 'npm install @nats-io/transport-node')
  }
}

function nameOf({ fleetName }: ProxySettings, worker: number | null): string {
  const name = fleetName ?? hostname()
  return worker === null ? name : `${name}-${worker}`
}

/** Each worker has its own port, as with the DHT. */
function linkPort({ fleetPort }: ProxySettings, worker: number | null): number {
  return fleetPort === 0 || worker === null ? fleetPort : fleetPort + worker - 1
}

/** The address of the first worker; the others have the next ports. An address without a port needs none. */
function linkAddressOf({ fleetAddress }: ProxySettings, worker: number | null): string | null {
  const [, host, port] = /^([^:]+|\[.*\]):(\d+)$/.exec(fleetAddress ?? '') ?? []
  return port === undefined || worker === null ? fleetAddress : `${host}:${Number(port) + worker - 1}`
}

function tlsOf({ fleetCa: caFile, fleetCert: certFile, fleetKey: keyFile }: ProxySettings) {
  const files = Object.entries({ caFile, certFile, keyFile }).flatMap(([name, file]) =>
    file === null ? [] : [[name, file]]
  )
  return files.length === 0 ? {} : { connection: { tls: Object.fromEntries(files) } }
}

async function readSecret(file: string | null): Promise<string | null> {
  const bytes = await readOptional(file)
  const secret = bytes === null ? null : String(bytes).trim()
  if (secret === null || secret.length >= MIN_SECRET_CHARS) return secret
  throw usageError(`The fleet's secret in '${file}' has fewer than ${MIN_SECRET_CHARS} characters.`)
}

async function readOptional(file: string | null): Promise<Buffer | null> {
  try {
    return file === null ? null : await readFile(file)
  } catch (error) {
    throw cannotRead(file, error)
  }
}

function cannotRead(file: string | null, error: unknown): CliError {
  return usageError(`'${file}' cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
}
