/**
 * A name of a server, of 1 to 64 characters without spaces, / and @; for people. Characters that do not show would make two
 * names look the same.
 */
export function isServerName(name: string): boolean {
  return /^[^\s/@\p{C}\p{Default_Ignorable_Code_Point}\u2800]{1,64}$/u.test(name)
}

/** Whether clients can be told to use the URL. */
export function isServerUrl(url: string): boolean {
  return /^wss?:\/\/[^\s\p{C}]+$/u.test(url) && URL.canParse(url)
}

/**
 * A server's name and URL as they may be shown: both end up in logs, on pages and at clients. A bad name is replaced by the
 * beginning of the server's key, a bad URL by none.
 */
export function readableNames({ name, url }: { name: string; url: string }, id: string): { name: string; url: string } {
  return { name: isServerName(name) ? name : id.slice(0, ID_CHARS), url: isServerUrl(url) ? url : '' }
}

const ID_CHARS = 8
