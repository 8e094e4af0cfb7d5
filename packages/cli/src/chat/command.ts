import { Command } from 'commander'

/** `swarmway chat`. */
export function chatCommand(): Command {
  return new Command('chat')
}
