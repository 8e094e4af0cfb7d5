/** Holds received messages until they are requested by type. */
export class Inbox<Message extends { type: string }> {
  readonly #messages: Message[] = []
  readonly #waiting = new Map<string, (message: Message) => void>()

  push(message: Message): void {
    const resolve = this.#waiting.get(message.type)
    this.#waiting.delete(message.type)
    if (resolve) resolve(message)
    else this.#messages.push(message)
  }

  /** The next message of this type, which may have arrived earlier. */
  next<Type extends Message['type']>(type: Type): Promise<Extract<Message, { type: Type }>> {
    const index = this.#messages.findIndex((message) => message.type === type)
    const [found] = index === -1 ? [] : this.#messages.splice(index, 1)
    const message = new Promise<Message>((resolve) => {
      if (found) resolve(found)
      else this.#waiting.set(type, resolve)
    })
    return message as Promise<Extract<Message, { type: Type }>>
  }
}
