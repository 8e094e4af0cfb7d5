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
 * | 129  | hungUp      | its terminal was closed before it was done (SIGHUP)                     |
 * | 130  | interrupted | stopped by Ctrl-C before it was done (SIGINT)                           |
 * | 143  | terminated  | stopped by another program before it was done (SIGTERM)                 |
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
  hungUp: 129,
  interrupted: 130,
  terminated: 143
} as const

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
