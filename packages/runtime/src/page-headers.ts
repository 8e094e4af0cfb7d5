/** What a page may do beside loading from its own server, as sources of a Content Security Policy. */
export interface PagePermissions {
  /** Beside scripts of its own server, such as `'wasm-unsafe-eval'`. Default: none. */
  readonly scripts?: string
  /** Where its forms may be sent, such as `'self'`. Default: nowhere. */
  readonly forms?: string
}

/**
 * HTTP headers of a page that loads from its own server only, runs no inline scripts, and cannot be embedded in another
 * page.
 */
export function pageHeaders({
  forms = "'none'",
  scripts = ''
}: PagePermissions = {}): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${scripts}`.trimEnd(),
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action ${forms}`,
    "frame-ancestors 'none'",
    "base-uri 'none'"
  ]
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY'
  }
}
