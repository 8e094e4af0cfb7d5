/** What a module gives to `require`: its main export, with all of its exports as properties, as CommonJS has them. */
export type ModuleExports<Main, Named> = Main & Named & { readonly default: Main }

/**
 * Makes the value that a module exports as 'module.exports', which is what `require` returns: the main export itself,
 * with what `named` returns as properties, so that destructuring it works. It also passes for a compiled ES module, so that
 * what TypeScript and Babel compile to CommonJS finds `default`. Call it as pure, so that bundlers can leave it out: `named`
 * is a function because Parcel keeps what an argument refers to.
 */
export function moduleExports<Main extends object, Named extends object>(
  main: Main,
  named: () => Named
): ModuleExports<Main, Named> {
  for (const [name, value] of Object.entries({ ...named(), default: main }))
    Object.defineProperty(main, name, { value, configurable: true, writable: true })
  Object.defineProperty(main, '__esModule', {
    // A subclass inherits this, and is not the module.
    get(this: unknown) {
      return this === main ? true : undefined
    },
    configurable: true
  })
  return main as ModuleExports<Main, Named>
}
