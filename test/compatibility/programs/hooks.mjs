// The alias for what a program imports.
let targets = {}

export function initialize(data) {
  targets = data
}

export function resolve(specifier, context, nextResolve) {
  const target = targets[specifier]
  return target === undefined ? nextResolve(specifier, context) : { url: target, shortCircuit: true }
}
