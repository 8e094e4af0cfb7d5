import { Command } from 'commander'
import { rootWith } from './root.js'

/** A command as the list of commands shows it. */
interface Listed {
  readonly usage: readonly string[]
  readonly summary: string
  /** Loads it alone. Without it, the command needs all others. */
  readonly load?: () => Promise<Command>
}

/**
 * The commands in the order of the list. Loading all of them would take most of a second, so the list has its own copy of what
 * they say of themselves; a test compares.
 */
const COMMANDS: Readonly<Record<string, Listed>> = {
  send: {
    usage: ['<path...>'],
    summary: 'send files or folders to anyone you give the code',
    load: async () => (await import('./send/command.js')).sendCommand()
  },
  receive: {
    usage: ['[code]', '[folder...]'],
    summary: 'receive what somebody sends you with "swarmway send"',
    load: async () => (await import('./receive/command.js')).receiveCommand()
  },
  share: {
    usage: ['<folder>'],
    summary: 'share a folder with anyone who has its key',
    load: async () => (await import('./share/command.js')).shareCommand()
  },
  get: {
    usage: ['<key>', '[folder]'],
    summary: 'download a shared folder',
    load: async () => (await import('./get/command.js')).getCommand()
  },
  pipe: {
    usage: ['[name]'],
    summary: 'connect standard input and output to the peer that gives the same name',
    load: async () => (await import('./pipe/command.js')).pipeCommand()
  },
  chat: {
    usage: ['[name]'],
    summary: 'chat, line by line, with everyone who gives the same name',
    load: async () => (await import('./chat/command.js')).chatCommand()
  },
  serve: {
    usage: ['<port>', '[name]'],
    summary: 'make a TCP port of this machine reachable for people of your choice',
    load: async () => (await import('./tunnel/serve.js')).serveCommand()
  },
  connect: {
    usage: ['[name-or-key]', '[port]'],
    summary: 'bring the port of "swarmway serve" to this machine',
    load: async () => (await import('./tunnel/connect.js')).connectCommand()
  },
  key: {
    usage: [],
    summary: 'show the public key of this user on this machine, for "serve --allow" and "invite"',
    load: async () => (await import('./keys/key.js')).keyCommand()
  },
  invite: {
    usage: ['<group>', '<key>'],
    summary: 'invite the holder of a key to a group of yours, for "serve --group"',
    load: async () => (await import('./keys/invite.js')).inviteCommand()
  },
  members: {
    usage: ['[group]'],
    summary: 'show whom you invited to a group of yours, and who was revoked',
    load: async () => (await import('./keys/members.js')).membersCommand()
  },
  revoke: {
    usage: ['<group>', '<key or label>'],
    summary: 'take back the invitations of a key to a group of yours',
    load: async () => (await import('./keys/revoke.js')).revokeCommand()
  },
  lookup: {
    usage: ['<topic>'],
    summary: 'show who is on a topic',
    load: async () => (await import('./lookup/command.js')).lookupCommand()
  },
  doctor: {
    usage: [],
    summary: 'check what this network allows: the DHT, the NAT, proxy servers',
    load: async () => (await import('./doctor/command.js')).doctorCommand()
  },
  proxy: {
    usage: [],
    summary: 'run a proxy server for browser tabs and peers without UDP',
    load: async () => (await import('./proxy/command.js')).proxyCommand()
  },
  completion: { usage: ['<shell>'], summary: 'print a script that completes commands and options in your shell' }
}

/** The command line with what these arguments need: one command, none, only the list, or all if that is not clear. */
export async function programFor(args: readonly string[]): Promise<Command> {
  const [name = '--help', topic] = args
  const load = loaderOf(name === 'help' && topic !== undefined ? topic : name)
  if (load !== undefined) return rootWith([await load()])
  if (name === '--version' || name === '-V') return rootWith([])
  if (args.length <= 1 && ['--help', '-h', 'help'].includes(name)) return rootWith(listed())
  return (await import('./program.js')).program()
}

function loaderOf(name: string): Listed['load'] {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.load : undefined
}

/** Commands that can be listed and nothing else. */
function listed(): Command[] {
  return Object.entries(COMMANDS).map(([name, { summary, usage }]) => {
    const command = new Command(name).description(summary)
    for (const argument of usage) command.argument(argument)
    return command
  })
}
