/** A URL as it may be shown: a password or a token in it stays out of logs. */
export function shownUrl(text: string): string {
  const { host, pathname, protocol } = new URL(text)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}
