// Rendered on the server, which imports the package as well.
import { topicFrom } from '@swarmway/proxy-client'
import { Meet } from './meet-in-page.jsx'

export default function Page() {
  const topic = topicFrom('runtimes')
  return (
    <>
      <p id="topic">{topic.length}</p>
      <Meet />
    </>
  )
}
