import { Command } from 'commander'

/** `swarmway lookup`. */
export function lookupCommand(): Command {
  return new Command('lookup')
}
