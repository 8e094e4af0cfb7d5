/** A URL without its password or token, so that they stay out of logs. */
export function shownUrl(text: string): string {
  const { host, pathname, protocol } = new URL(text)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}
