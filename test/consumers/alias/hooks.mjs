// A module alias by Node's own customization hooks.
let target = ''

export function initialize(data) {
  target = data
}

export function resolve(specifier, context, nextResolve) {
  if (specifier !== 'hyperswarm') return nextResolve(specifier, context)
  return nextResolve(target, { ...context, parentURL: import.meta.url })
}
