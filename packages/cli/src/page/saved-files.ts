/** Hands files to the browser to save. It may read them for as long as that takes: minutes, if they are large. */
export class SavedFiles {
  readonly #urls = new Set<string>()

  /** What is of no known type is not opened but saved. */
  save(content: Blob, name: string): void {
    const url = URL.createObjectURL(content.slice(0, content.size, 'application/octet-stream'))
    this.#urls.add(url)
    const link = document.createElement('a')
    link.href = url
    link.download = name
    link.click()
  }

  /** They cannot be saved again after this. */
  release(): void {
    for (const url of this.#urls) URL.revokeObjectURL(url)
    this.#urls.clear()
  }
}
