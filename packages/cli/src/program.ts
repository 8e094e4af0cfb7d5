import { Command } from 'commander'
import { chatCommand } from './chat/command.js'
import { doctorCommand } from './doctor/command.js'
import { lookupCommand } from './lookup/command.js'
import { pipeCommand } from './pipe/command.js'
import { proxyCommand } from './proxy/command.js'
import { getCommand, shareCommand } from './share/command.js'

/** The whole command line. Each command has a folder of its own. */
export function program(): Command {
  const root = new Command('swarmway')
  const commands = [
    proxyCommand(),
    pipeCommand(),
    chatCommand(),
    shareCommand(),
    getCommand(),
    lookupCommand(),
    doctorCommand()
  ]
  for (const command of commands) root.addCommand(command)
  return root
}
