import { RoviError } from '@rovi/contract';
import { z } from 'zod';
import { route } from '../route.js';
import type { Route } from '../route.js';

/** Swagger UI asks nobody but this gateway, and only to read: commands are not for a page without a login. */
const START_PAGE = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  supportedSubmitMethods: ['get'],
  defaultModelsExpandDepth: 0,
});
`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rovi's API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. What it shows is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start-page.js"></script>
</body>
</html>
`;

/** The styles that Swagger UI writes into its elements need 'unsafe-inline'; its scripts need nothing. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

/** The API's own description, for machines and for people. Nothing of it is loaded before it is asked for. */
export function docsRoutes(version: string, all: () => readonly Route[]): Route[] {
  let text: string | null = null;
  return [
    route(
      {
        method: 'GET',
        path: '/openapi.json',
        id: 'getDescription',
        tag: 'gateway',
        role: 'anyone',
        summary: 'This description',
        answers: [{ status: 200, is: 'An OpenAPI 3.1 document', schema: z.record(z.string(), z.unknown()) }],
      },
      async (_input, _request, reply) => {
        if (text === null) {
          const { openApiDocument } = await import('../openapi/document.js');
          text = JSON.stringify(openApiDocument(all(), version));
        }
        return reply.header('content-type', 'application/json; charset=utf-8').send(text);
      },
    ),
    route(
      {
        method: 'GET',
        path: '/docs',
        id: 'getDocs',
        tag: 'gateway',
        role: 'anyone',
        summary: 'This description as a page to read (Swagger UI)',
        answers: [{ status: 200, is: 'The page', type: 'text/html' }],
      },
      (_input, _request, reply) => reply.headers(PAGE_HEADERS).send(PAGE),
    ),
    route(
      {
        method: 'GET',
        path: '/docs/:file',
        id: 'getDocsFile',
        tag: 'gateway',
        role: 'anyone',
        summary: 'A file of that page',
        params: z.object({ file: z.string().describe('Such as `swagger-ui.css`.') }),
        answers: (['text/css', 'text/javascript', 'text/plain'] as const).map((type) => ({
          status: 200,
          is: 'The file',
          type,
        })),
        errors: ['not-found'],
      },
      async ({ params: { file } }, _request, reply) => {
        const { pageFile } = await import('../openapi/page-files.js');
        const bytes = file === 'start-page.js' ? START_PAGE : await pageFile(file);
        if (bytes === null) {
          throw new RoviError('not-found', `the page has no file "${file}"`, { mend: 'Open /docs instead.' });
        }
        return reply
          .headers({
            'content-type': TYPES[file.split('.').at(-1) ?? ''] ?? TYPES['txt'],
            'x-content-type-options': 'nosniff',
          })
          .send(bytes);
      },
    ),
  ];
}
