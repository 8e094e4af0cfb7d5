import { homedir } from 'node:os'
import { isAbsolute, join, win32 } from 'node:path'
import { CliError } from '../errors/cli-error.js'
import { EXIT } from '../errors/exit-codes.js'

/**
 * The user's folder for data that commands keep between runs: XDG_DATA_HOME if set, otherwise the platform's folder for
 * application data (the one local to this machine, where there is a choice). Throws a `CliError` if the user has no home.
 */
export function dataFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir
): string {
  const { LOCALAPPDATA: local, XDG_DATA_HOME: xdg } = env
  // The XDG specification says to ignore relative paths.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'swarmway')
  if (platform === 'darwin') return join(homeFolder(home), 'Library', 'Application Support', 'swarmway')
  if (platform === 'win32') return join(local || join(homeFolder(home), 'AppData', 'Local'), 'swarmway')
  return join(homeFolder(home), '.local', 'share', 'swarmway')
}

/** These folders and the data folder, if there is one: what is in them is never published or replaced. */
export function ownFolders(...others: readonly string[]): readonly string[] {
  try {
    return [...others, dataFolder()]
  } catch {
    return others
  }
}

/** A relative path, such as that of an empty HOME, would put secret keys into the current folder. */
function homeFolder(home: () => string): string {
  try {
    const path = home()
    if (isAbsolute(path) || win32.isAbsolute(path)) return path
    throw new Error(`HOME is "${path}", which is not a full path`)
  } catch (cause) {
    throw new CliError('There is no home folder to keep keys and other data in.', {
      hint: 'Set HOME or XDG_DATA_HOME to the full path of a folder.',
      exitCode: EXIT.unusable,
      cause
    })
  }
}
