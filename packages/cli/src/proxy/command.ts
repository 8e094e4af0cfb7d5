import { Command } from 'commander'

/** `swarmway proxy`. */
export function proxyCommand(): Command {
  return new Command('proxy')
}
