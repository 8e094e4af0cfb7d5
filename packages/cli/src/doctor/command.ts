import { Command } from 'commander'

/** `swarmway doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
}
