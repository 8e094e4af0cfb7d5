import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The user's folder for what commands keep from run to run: XDG_DATA_HOME if it is set, or else what the platform has
 * for data of programs, that of this machine only where there is a choice.
 */
export function dataFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir
): string {
  const { LOCALAPPDATA: local, XDG_DATA_HOME: xdg } = env
  // The XDG specification has relative paths ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, 'swarmway')
  if (platform === 'darwin') return join(home(), 'Library', 'Application Support', 'swarmway')
  if (platform === 'win32') return join(local || join(home(), 'AppData', 'Local'), 'swarmway')
  return join(home(), '.local', 'share', 'swarmway')
}
