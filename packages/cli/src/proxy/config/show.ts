import type { Colors } from '../../shared/terminal/colors.js'
import type { ResolvedSettings } from './resolve.js'
import { DEFINITIONS, SETTING_NAMES, type SettingName } from './settings.js'

/** One line per setting: name, value, source. Settings contain no secrets: those are in files. */
export function settingLines({ settings, origins }: ResolvedSettings, colors: Colors): string[] {
  const shown = SETTING_NAMES.map((name) => ({ name, value: show(settings, name), origin: origins[name] }))
  const widths = [
    Math.max(...shown.map(({ name }) => name.length)),
    Math.max(...shown.map(({ value }) => value.length))
  ]
  return shown.map(({ name, value, origin }) => {
    const line = `  ${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin}`
    return origin === 'default' ? colors.dim(line) : line
  })
}

/** The settings that are not defaults, for the log. */
export function settingsRecord({ settings, origins }: ResolvedSettings): Record<string, string> {
  const given = SETTING_NAMES.filter((name) => origins[name] !== 'default')
  return Object.fromEntries(given.map((name) => [name, `${show(settings, name)} (${origins[name]})`]))
}

function show(settings: ResolvedSettings['settings'], name: SettingName): string {
  // The kind of a setting accepts its value; the union of all kinds cannot express that.
  const { kind } = DEFINITIONS[name] as { kind: { show(value: unknown): string } }
  return kind.show(settings[name])
}
