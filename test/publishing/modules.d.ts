declare module '*/shared/published.mjs' {
  export function layOutPublished(folder: string): string
}
