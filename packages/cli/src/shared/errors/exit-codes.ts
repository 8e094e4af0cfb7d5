/**
 * The exit codes of all commands. Scripts branch on these numbers, so they do not change.
 *
 * | code | name        | meaning                                                                 |
 * | ---- | ----------- | ----------------------------------------------------------------------- |
 * | 0    | ok          | the command succeeded                                                   |
 * | 1    | unexpected  | a bug in the program                                                    |
 * | 2    | usage       | a command, an option or a configuration file that makes no sense        |
 * | 3    | unreachable | the network, the DHT or the proxy server could not be reached           |
 * | 4    | denied      | the other side refused: a wrong token, a limit, a closed group          |
 * | 5    | notFound    | nobody and nothing was found                                            |
 * | 6    | unusable    | a file, a folder or a port of this machine could not be used            |
 * | 7    | broken      | the connection or the data broke off in the middle                      |
 * | 130  | interrupted | ended by Ctrl-C before it was done                                      |
 */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  unreachable: 3,
  denied: 4,
  notFound: 5,
  unusable: 6,
  broken: 7,
  interrupted: 130
} as const

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
