import { RoviError, errorCodes, problemDetailsSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { HttpFault, faultOf, parserFaultOf } from './fault.js';
import { problemText, rawProblem } from './problem.js';
import { statusOf } from './status.js';

describe('faultOf', () => {
  it('keeps the code, the mend and the context of ours', () => {
    const fault = faultOf(
      new RoviError('stack-busy', 'nav holds', { mend: 'stop it', context: { holder: 'nav' } }),
    );
    expect(JSON.parse(problemText(fault))).toEqual({
      type: 'urn:rovi:error:stack-busy',
      title: 'stack busy',
      status: 409,
      detail: 'nav holds',
      code: 'stack-busy',
      mend: 'stop it',
      context: { holder: 'nav' },
    });
  });

  it('says nothing of the inside of what nobody foresaw', () => {
    for (const thrown of [new Error('secret'), 'secret', null, RoviError.from(new Error('secret'))]) {
      const fault = faultOf(thrown);
      expect(fault).toMatchObject({ status: 500, code: 'internal', cause: thrown });
      expect(problemText(fault)).not.toContain('secret');
    }
  });

  it('gives every code an error status', () => {
    for (const code of errorCodes) expect(statusOf(code)).toBeGreaterThanOrEqual(400);
  });
});

describe('a refusal', () => {
  it('says what to do about it, whatever was wrong', () => {
    const codes = ['FST_ERR_BAD_URL', 'FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'ECONNRESET'];
    const faults = [
      ...codes.map((code) => faultOf(Object.assign(new Error('x'), { code }))),
      ...['HPE_HEADER_OVERFLOW', 'HPE_INVALID_METHOD'].map((code) =>
        parserFaultOf(Object.assign(new Error('x'), { code })),
      ),
    ];
    for (const { status, mend } of faults) {
      expect(status).toBeLessThan(500);
      expect(mend).not.toBe('');
    }
  });
});

describe('problems', () => {
  it('are written whatever the context', () => {
    const context: Record<string, unknown> = { big: 1n };
    context['self'] = context;
    const text = problemText(new HttpFault(400, 'bad-request', 'no', { context }));
    expect(problemDetailsSchema.parse(JSON.parse(text))).toMatchObject({ code: 'bad-request', context: {} });
  });

  it('are whole HTTP answers where there is no request', () => {
    const [head = '', body = ''] = rawProblem(parserFaultOf(new Error('x'))).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBe(Buffer.byteLength(body));
  });
});
