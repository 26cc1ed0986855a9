import { expect, it } from 'vitest'
import { isCertificateCode } from './certificate-codes.ts'

it.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', true],
  ['SELF_SIGNED_CERT_IN_CHAIN', true],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', true],
  ['CERT_HAS_EXPIRED', true],
  ['ERR_TLS_CERT_ALTNAME_INVALID', true],
  ['HOSTNAME_MISMATCH', true],
  ['ECONNREFUSED', false],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false],
  [undefined, false],
])('%s is about a certificate: %s', (code, is) => {
  expect(isCertificateCode(code)).toBe(is)
})
