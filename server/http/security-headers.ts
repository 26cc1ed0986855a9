import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/**
 * The content-security policy of every page: nothing inline, nothing from elsewhere, no
 * string becomes script. `'self'` of `connect-src` covers the WebSocket of the same host (CSP 3 §6.7.2.8).
 */
const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'media-src': ["'self'", 'blob:'],
  'connect-src': ["'self'"],
  'worker-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'object-src': ["'none'"],
  'require-trusted-types-for': ["'script'"],
  'trusted-types': ['kiosk'],
}

/** Everything off but what the floor needs: the alarm's sound, a photo for a message, a board that stays awake, and the full screen. */
const PERMISSIONS = [
  ...[
    'accelerometer',
    'browsing-topics',
    'display-capture',
    'encrypted-media',
    'geolocation',
    'gyroscope',
    'hid',
    'identity-credentials-get',
    'idle-detection',
    'local-fonts',
    'magnetometer',
    'microphone',
    'midi',
    'payment',
    'picture-in-picture',
    'publickey-credentials-create',
    'publickey-credentials-get',
    'serial',
    'storage-access',
    'usb',
    'window-management',
    'xr-spatial-tracking',
  ].map((feature) => `${feature}=()`),
  ...['autoplay', 'camera', 'fullscreen', 'screen-wake-lock'].map((feature) => `${feature}=(self)`),
].join(', ')

export async function addSecurityHeaders(app: FastifyInstance, { isTls }: { readonly isTls: boolean }): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Over plain HTTP the header is void, and a promise about TLS that this server does not speak.
    hsts: isTls ? { maxAge: 365 * 24 * 3600, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
  })
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('permissions-policy', PERMISSIONS)
  })
}
