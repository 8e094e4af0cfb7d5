// Bundles the application for a page and for a worker, with nothing but the target set.
import webpack from 'webpack'

for (const target of ['web', 'webworker']) {
  const settings = {
    mode: 'production',
    target,
    entry: './page.js',
    output: { path: `${import.meta.dirname}/out/${target}` }
  }
  await new Promise((resolve, reject) => {
    webpack(settings, (error, stats) => {
      if (error === null && !stats.hasErrors()) resolve()
      else reject(error ?? new Error(stats.toString('errors-only')))
    })
  })
}
