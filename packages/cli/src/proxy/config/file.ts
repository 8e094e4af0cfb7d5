import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { codeOf } from '@swarmway/runtime'
import { didYouMean } from '../../shared/command/near-names.js'
import { CliError, usageError } from '../../shared/errors/cli-error.js'
import { EXIT } from '../../shared/errors/exit-codes.js'
import { SETTING_NAMES, type SettingName } from './settings.js'

/** The content of a configuration file. */
export interface ConfigFile {
  readonly absolutePath: string
  readonly values: Readonly<Partial<Record<SettingName, unknown>>>
}

/** Reads a JSON object whose keys are names of settings. @throws CliError */
export async function readConfigFile(file: string, folder: string): Promise<ConfigFile> {
  const absolutePath = resolve(folder, file)
  const values = parse(await readText(absolutePath, file), file)
  for (const name of Object.keys(values)) {
    if (!SETTING_NAMES.some((known) => known === name)) throw unknownName(name, file)
  }
  return { absolutePath, values }
}

async function readText(absolutePath: string, file: string): Promise<string> {
  try {
    return await readFile(absolutePath, 'utf8')
  } catch (cause) {
    const reason = codeOf(cause)
    throw new CliError(`The configuration file ${file} cannot be read (${reason}).`, { exitCode: EXIT.unusable, cause })
  }
}

function parse(text: string, file: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw usageError(`${file} is not JSON: ${(cause as Error).message}.`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw usageError(`${file} must be a JSON object of settings.`, 'For example: { "port": 8080 }')
}

function unknownName(name: string, file: string): CliError {
  const hint = didYouMean(name, SETTING_NAMES, 'swarmway proxy --help lists all settings.')
  return usageError(`${file} sets '${name}', which does not exist.`, hint)
}
