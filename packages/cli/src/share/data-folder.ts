import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The user's folder for data that commands keep between runs: XDG_DATA_HOME if set, otherwise the platform's folder for
 * application data (the one local to this machine, where there is a choice).
 */
export function dataFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir
): string {
  const { LOCALAPPDATA: local, XDG_DATA_HOME: xdg } = env
  // The XDG specification says to ignore relative paths.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'swarmway')
  if (platform === 'darwin') return join(home(), 'Library', 'Application Support', 'swarmway')
  if (platform === 'win32') return join(local || join(home(), 'AppData', 'Local'), 'swarmway')
  return join(home(), '.local', 'share', 'swarmway')
}
