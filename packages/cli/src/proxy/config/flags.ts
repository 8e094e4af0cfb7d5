import { type Command, Option } from 'commander'
import { type Kind, toggle } from './kinds.js'
import { DEFINITIONS, flagOf, SETTING_NAMES, type SettingName } from './settings.js'

/** Adds a flag for every setting. Flags only collect values; `resolveSettings` reads them. */
export function addFlags(command: Command): void {
  command.option('--config <file>', 'settings in a JSON file, such as { "port": 8080, "limits": { "maxClients": 50 } }')
  for (const name of SETTING_NAMES) {
    command.addOption(flag(name))
    // So that a flag can override what a file sets.
    if (DEFINITIONS[name].kind === toggle) command.addOption(new Option(flagOf(name).replace('--', '--no-')).hideHelp())
  }
}

function flag(name: SettingName): Option {
  // See `show` in show.ts about the type.
  const { help, kind, fallback } = DEFINITIONS[name] as { help: string; kind: Kind<unknown>; fallback: unknown }
  const isQuiet = fallback === null || fallback === false || kind.repeatable === true
  const standard = isQuiet ? '' : ` (default ${kind.show(fallback)})`
  const option = new Option(`${flagOf(name)} ${kind.placeholder}`.trim(), help + standard)
  return kind.repeatable === true ? option.argParser(collect) : option
}

function collect(value: string, earlier: unknown): string[] {
  return Array.isArray(earlier) ? [...earlier, value] : [value]
}
