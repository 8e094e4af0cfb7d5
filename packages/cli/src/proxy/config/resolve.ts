import { dirname } from 'node:path'
import { type CliError, usageError } from '../../shared/errors/cli-error.js'
import { readConfigFile } from './file.js'
import { BadValue } from './kinds.js'
import {
  CONFIG_ENV,
  DEFINITIONS,
  envOf,
  flagOf,
  type ProxySettings,
  SETTING_NAMES,
  type SettingName
} from './settings.js'

/** Settings, and where each comes from. */
export interface ResolvedSettings {
  readonly settings: ProxySettings
  readonly origins: Readonly<Record<SettingName, string>>
  /** Environment variables that look like ours but are unknown. */
  readonly unknownVariables: readonly string[]
}

/** All given settings, by source; `config` is the name of a file. */
export interface Given {
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  /** The folder that relative paths in flags and in the environment start from. */
  readonly folder: string
}

/** A source of settings. */
interface Source {
  readonly folder: string
  find(name: SettingName): unknown
  /** The name of this setting in that source, for messages. */
  label(name: SettingName): string
}

/** Combines flags, environment, file and defaults, in this order. @throws CliError for the first bad value */
export async function resolveSettings(given: Given): Promise<ResolvedSettings> {
  const sources = [fromFlags(given), fromEnv(given), ...(await fromFile(given))]
  const settings: Record<string, unknown> = {}
  const origins: Record<string, string> = {}
  for (const name of SETTING_NAMES) {
    const source = sources.find((one) => one.find(name) !== undefined)
    settings[name] = source === undefined ? DEFINITIONS[name].fallback : read(name, source)
    origins[name] = source?.label(name) ?? 'default'
  }
  // Every name is in DEFINITIONS, whose kinds have the types of ProxySettings.
  const resolved = { settings, origins } as unknown as Omit<ResolvedSettings, 'unknownVariables'>
  verifyTogether(resolved.settings)
  return { ...resolved, unknownVariables: unknownVariables(given.env) }
}

function read(name: SettingName, source: Source): unknown {
  const given = source.find(name)
  try {
    return DEFINITIONS[name].kind.read(given, source.folder)
  } catch (error) {
    if (!(error instanceof BadValue)) throw error
    const hint = error.hint ?? kubernetesHint(given)
    throw usageError(`${source.label(name)} ${error.message}.`, hint)
  }
}

/** A Kubernetes service named swarmway-proxy puts SWARMWAY_PROXY_PORT=tcp://... into the environment of every pod. */
function kubernetesHint(given: unknown): string | undefined {
  if (typeof given !== 'string' || !given.startsWith('tcp://')) return undefined
  return 'Kubernetes has probably set it: rename the service, or set enableServiceLinks to false.'
}

function fromFlags({ flags, folder }: Given): Source {
  return { folder, find: (name) => flags[name], label: flagOf }
}

function fromEnv({ env, folder }: Given): Source {
  return { folder, find: (name) => env[envOf(name)] || undefined, label: envOf }
}

async function fromFile({ flags, env, folder }: Given): Promise<Source[]> {
  const file = flags['config'] ?? env[CONFIG_ENV]
  if (typeof file !== 'string' || file === '') return []
  const { absolutePath, values } = await readConfigFile(file, folder)
  const find = (name: SettingName): unknown => values[name]
  return [{ folder: dirname(absolutePath), find, label: (name) => `${name} in ${file}` }]
}

function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = new Set([CONFIG_ENV, ...SETTING_NAMES.map(envOf)])
  return Object.keys(env).filter((name) => name.startsWith('SWARMWAY_PROXY_') && !known.has(name))
}

/** Checks combinations of settings that are valid only on their own. */
function verifyTogether(settings: ProxySettings): void {
  const { adminPort, cert, fleet, key, rendezvousOnly, status, stunPort, workers } = settings
  if ((cert === null) !== (key === null)) throw together('--cert and --key go together', 'Give both, or neither.')
  if (status && adminPort === null) throw together('--status needs the admin port', 'Give --admin-port a port.')
  verifyFleet(settings)
  if (stunPort === 0 && workers > 1)
    throw together('--stun-port 0 works with one worker', 'The workers tell their clients the port: give it a number.')
  if (rendezvousOnly && workers > 1 && fleet.length === 0) {
    const hint = 'Clients of different workers meet through the DHT or a fleet only; use one worker, or give --fleet.'
    throw together('--rendezvous-only works with one worker', hint)
  }
}

/** A server that was to be in a fleet, and is on its own, looks healthy. */
function verifyFleet(settings: ProxySettings): void {
  const { fleet, fleetCert, fleetKey } = settings
  if ((fleetCert === null) !== (fleetKey === null))
    throw together('--fleet-cert and --fleet-key go together', 'Give both, or neither.')
  const given = SETTING_NAMES.find(
    (name) => name.startsWith('fleet') && name !== 'fleet' && settings[name] !== DEFINITIONS[name].fallback
  )
  if (fleet.length === 0 && given !== undefined)
    throw together(`${flagOf(given)} needs --fleet`, 'Give --fleet the URL of the NATS server, or leave both out.')
}

function together(sentence: string, hint: string): CliError {
  return usageError(`${sentence}.`, hint)
}
