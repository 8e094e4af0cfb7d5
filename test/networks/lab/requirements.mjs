/** What the userspace internet needs of the machine. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Programs, and the Debian packages that they come from. */
const PROGRAMS = { cc: 'gcc libc6-dev', ip: 'iproute2', nsenter: 'util-linux', setpriv: 'util-linux' }

/** Sentences about what is missing; empty if the tier can run. */
export function missingRequirements() {
  if (process.platform !== 'linux') return ['Linux is needed, for its network namespaces.']
  const programs = Object.entries(PROGRAMS)
    .filter(([program]) => !isInstalled(program))
    .map(([program, packages]) => `The program ${program} is missing (Debian: apt-get install ${packages}).`)
  return [...programs, ...missingRights()]
}

function isInstalled(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

function missingRights() {
  if (process.getuid() !== 0) return ['Only root may make network namespaces: run this with sudo.']
  if (!existsSync('/dev/net/tun')) return ['The device /dev/net/tun is missing; a container needs it passed in.']
  const { status } = spawnSync('unshare', ['--net', 'true'])
  return status === 0 ? [] : ['Root may not make network namespaces here; a container needs CAP_SYS_ADMIN.']
}
