import { Command } from 'commander'

/** `swarmway share`. */
export function shareCommand(): Command {
  return new Command('share')
}

/** `swarmway get`. */
export function getCommand(): Command {
  return new Command('get')
}
