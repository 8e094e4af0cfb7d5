'use client'
import { useEffect } from 'react'
import { meet } from '../meet.js'

/** Imported on the server too, for the first rendering; runs in the browser only. */
export function Meet() {
  useEffect(() => {
    globalThis.meet = meet
  }, [])
  return null
}
