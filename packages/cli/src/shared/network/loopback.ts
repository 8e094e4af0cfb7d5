/** Whether a host, as in a URL or as given to a server, is this machine and nothing else. */
export function isLoopback(host: string): boolean {
  // A name may begin with "127." as well.
  return ['localhost', '::1', '[::1]'].includes(host) || /^127(\.\d{1,3}){3}$/.test(host)
}
