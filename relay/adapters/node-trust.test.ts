import { describe, expect, it } from 'vitest'
import { trustNamed, trustSystem } from './node-trust.ts'

describe('what the uplink trusts', () => {
  it('is what Node trusts and what the machine trusts, each once', () => {
    const trusted: string[] = []
    const stores = { default: ['public', 'both'], system: ['both', 'plant'] }
    const tls = {
      getCACertificates: (kind: 'default' | 'system') => stores[kind],
      setDefaultCACertificates: (certificates: readonly string[]) => void trusted.push(...certificates),
    }
    trustSystem(tls, () => {})
    expect(trusted).toEqual(['public', 'both', 'plant'])
  })

  it('stays as it was where the runtime has no such thing, or the machine’s store cannot be read', () => {
    const logged: string[] = []
    const log = (_level: string, event: string): void => void logged.push(event)
    trustSystem({}, log)
    const broken = {
      getCACertificates: (kind: 'default' | 'system'): readonly string[] => {
        if (kind === 'default') return ['public']
        throw new Error('no store')
      },
      setDefaultCACertificates: () => logged.push('set'),
    }
    trustSystem(broken, log)
    expect(logged).toEqual(['system-trust-unsupported', 'system-trust-failed', 'system-trust'])
  })

  it('[R71] is also what a file names, beside a machine’s store that cannot be read; what is none is a sentence', () => {
    const trusted: string[] = []
    const tls = {
      getCACertificates: (kind: 'default' | 'system'): readonly string[] => {
        if (kind === 'default') return ['public']
        throw new Error('no store')
      },
      setDefaultCACertificates: (certificates: readonly string[]) => void trusted.push(...certificates),
    }
    expect(trustNamed(tls, () => {}, new URL('node-trust.test.ts', import.meta.url).pathname)).toMatch(
      /holds no certificate/,
    )
    expect(trustNamed(tls, () => {}, '/nowhere/ca.pem')).toBe('/nowhere/ca.pem cannot be read.')
    expect(trusted).toEqual([])
    expect(trustSystem(tls, () => {}, ['plant'])).toBe(true)
    expect(trusted).toEqual(['public', 'plant'])
    expect(trustSystem({}, () => {}, ['plant'])).toBe(false)
  })
})
