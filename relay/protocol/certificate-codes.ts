/**
 * Whether an error of Node says that a certificate was not accepted: OpenSSL's verdicts by the names Node gives them
 * (https://nodejs.org/api/tls.html#x509-certificate-error-codes), and Node's own about the name in it.
 */
export function isCertificateCode(code: unknown): boolean {
  return typeof code === 'string' && /CERT|^UNABLE_TO_VERIFY|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$/.test(code)
}
