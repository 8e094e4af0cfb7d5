import { expect, test } from 'vitest'
import { pageHeaders } from '../src/page-headers.js'

const policyOf = (headers: Readonly<Record<string, string>>) => headers['content-security-policy']?.split('; ')

test('a page loads from its own server only, and sends forms nowhere', () => {
  const policy = policyOf(pageHeaders())
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("form-action 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
})

test('only what is named is permitted beside that', () => {
  const policy = policyOf(pageHeaders({ scripts: "'wasm-unsafe-eval'", forms: "'self'" }))
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'")
  expect(policy).toContain("form-action 'self'")
  expect(policy).toContain("style-src 'self'")
})
