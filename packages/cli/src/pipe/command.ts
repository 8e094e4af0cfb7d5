import { Command } from 'commander'

/** `swarmway pipe`. */
export function pipeCommand(): Command {
  return new Command('pipe')
}
