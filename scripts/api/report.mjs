import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'

/**
 * Writes the report of an entry or, with `isCheck`, only compares it. Returns whether the report is up to date. Throws
 * if the declarations do not compile.
 */
export function report(entry, reportFolder, isCheck) {
  const reportTempFolder = mkdtempSync(join(tmpdir(), 'swarmway-api-'))
  try {
    const config = configure(entry, { reportFolder, reportTempFolder })
    const result = Extractor.invoke(config, { localBuild: !isCheck, messageCallback: hush })
    if (result.errorCount > 0) throw new Error(`The declarations of ${entry.reportName} have errors; see above.`)
    return !isCheck || !result.apiReportChanged
  } finally {
    rmSync(reportTempFolder, { recursive: true })
  }
}

function configure({ folder, types, reportName }, folders) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: { enabled: true, reportFileName: reportName, ...folders },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          // Types that users meet but cannot name are part of the surface too.
          'ae-forgotten-export': { logLevel: 'warning', addToApiReportFile: true }
        }
      }
    }
  })
}

/** Prints only problems: the caller prints a summary. */
function hush(message) {
  if (message.logLevel !== 'error') message.handled = true
}
