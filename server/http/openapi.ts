import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { PublicAddress } from '../core/public-address.ts'

/** Collects every route that follows; `describedRoute` serves the result. */
export async function describeRoutes(
  app: FastifyInstance,
  { version, publicUrl }: { readonly version: string; readonly publicUrl: PublicAddress | null },
): Promise<void> {
  // Schemas only describe: valibot checks what comes in, JSON.stringify writes what goes out.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Andon', version, description: 'Keeps every screen of a factory floor in agreement.' },
      ...(publicUrl !== null && { servers: [{ url: `${publicUrl.origin}${publicUrl.basePath}` }] }),
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key (`andon admin key add`).' },
          accessToken: { type: 'http', scheme: 'bearer', description: 'The access token of a signed-in person.' },
          deviceToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'The `deviceToken` of the `welcome` frame of `/sync`.',
          },
        },
      },
    },
    // Routes without a schema (the pages of the web UI) are not part of the API.
    transform: ({ schema, url }) => ({ schema: schema ?? { hide: true }, url }),
  })
}

export function describedRoute(app: FastifyInstance): void {
  app.get('/api/openapi.json', { schema: { tags: ['health'], summary: 'This document' } }, async (_request, reply) =>
    reply.send(app.swagger()),
  )
}
