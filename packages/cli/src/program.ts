import type { Command } from 'commander'
import { chatCommand } from './chat/command.js'
import { completionCommand } from './completion/command.js'
import { doctorCommand } from './doctor/command.js'
import { getCommand } from './get/command.js'
import { inviteCommand } from './keys/invite.js'
import { keyCommand } from './keys/key.js'
import { membersCommand } from './keys/members.js'
import { revokeCommand } from './keys/revoke.js'
import { lookupCommand } from './lookup/command.js'
import { pipeCommand } from './pipe/command.js'
import { proxyCommand } from './proxy/command.js'
import { receiveCommand } from './receive/command.js'
import { rootWith } from './root.js'
import { sendCommand } from './send/command.js'
import { shareCommand } from './share/command.js'
import { connectCommand } from './tunnel/connect.js'
import { serveCommand } from './tunnel/serve.js'

/** The whole command line. Each command has its own folder. */
export function program(): Command {
  return rootWith(commands())
}

function commands(): Command[] {
  return [
    sendCommand(),
    receiveCommand(),
    shareCommand(),
    getCommand(),
    pipeCommand(),
    chatCommand(),
    serveCommand(),
    connectCommand(),
    keyCommand(),
    inviteCommand(),
    membersCommand(),
    revokeCommand(),
    lookupCommand(),
    doctorCommand(),
    proxyCommand(),
    completionCommand()
  ]
}
