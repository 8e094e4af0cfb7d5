import type { Command } from 'commander'
import { rootWith } from './root.js'

/** Loads each command alone: the modules of all of them would take a third of a second before any of them begins. */
const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  send: async () => (await import('./send/command.js')).sendCommand(),
  receive: async () => (await import('./receive/command.js')).receiveCommand(),
  share: async () => (await import('./share/command.js')).shareCommand(),
  get: async () => (await import('./get/command.js')).getCommand(),
  pipe: async () => (await import('./pipe/command.js')).pipeCommand(),
  chat: async () => (await import('./chat/command.js')).chatCommand(),
  serve: async () => (await import('./tunnel/serve.js')).serveCommand(),
  connect: async () => (await import('./tunnel/connect.js')).connectCommand(),
  key: async () => (await import('./keys/key.js')).keyCommand(),
  invite: async () => (await import('./keys/invite.js')).inviteCommand(),
  members: async () => (await import('./keys/members.js')).membersCommand(),
  revoke: async () => (await import('./keys/revoke.js')).revokeCommand(),
  lookup: async () => (await import('./lookup/command.js')).lookupCommand(),
  doctor: async () => (await import('./doctor/command.js')).doctorCommand(),
  proxy: async () => (await import('./proxy/command.js')).proxyCommand()
}

/** The command line with what these arguments need: one command, none, or all if that is not clear. */
export async function programFor([name = '']: readonly string[]): Promise<Command> {
  const load = Object.hasOwn(LOADERS, name) ? LOADERS[name] : undefined
  if (load !== undefined) return rootWith([await load()])
  if (name === '--version' || name === '-V') return rootWith([])
  return (await import('./program.js')).program()
}
