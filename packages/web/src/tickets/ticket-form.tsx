import '@mantine/core/styles/Checkbox.css';
import '@mantine/core/styles/InlineInput.css';
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import type { TicketDraft } from '@rovi/client/browser';
import { RoviError, ticketPriorities } from '@rovi/contract';
import type { TicketCommandInfo } from '@rovi/contract';
import { useEffect, useState } from 'react';
import type { SubmitEvent } from 'react';
import { Link } from 'wouter';
import { ProblemNote } from '../command/problem-note.js';
import { Note } from '../format/note.js';
import { useIsLive, useRobot } from '../live/robot-context.js';
import { ParamInput } from './param-input.js';
import { fieldsOf, readNumber, readParams } from './params-fields.js';
import type { ParamTexts } from './params-fields.js';

const TAKE_MS = 8_000;

/** What came of what the form sent last. */
interface Sent {
  /** The ticket that was created; null where none was. */
  readonly id: string | null;
  readonly executed: boolean;
  readonly problem: RoviError | null;
}

/** Asks for a new ticket: a command of the registry with its params. */
export function TicketForm({ onClose }: { onClose: () => void }) {
  const { commands, problem } = useTicketCommandList();
  return (
    <section className="card tickets-part" aria-labelledby="new-ticket">
      <h2 id="new-ticket">New ticket</h2>
      {problem !== null && <ProblemNote title="The commands cannot be read" problem={problem} />}
      {commands === null ? (
        problem === null && <p className="soft">Reading the commands…</p>
      ) : commands.length === 0 ? (
        <p className="soft">This robot has no commands for tickets.</p>
      ) : (
        <Fields commands={commands} onClose={onClose} />
      )}
    </section>
  );
}

function Fields({ commands, onClose }: { commands: readonly TicketCommandInfo[]; onClose: () => void }) {
  const { tickets } = useRobot().client;
  const live = useIsLive();
  const [name, setName] = useState(commands[0]?.name ?? '');
  const [texts, setTexts] = useState<ParamTexts>({});
  const [priority, setPriority] = useState<(typeof ticketPriorities)[number]>('normal');
  const [timeout, setTimeout] = useState('');
  const [dry, setDry] = useState(false);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [sending, setSending] = useState(false);
  const [sent, setSent] = useState<Sent | null>(null);
  const command = commands.find((one) => one.name === name);
  if (command === undefined) return null;
  const fields = fieldsOf(command.params);
  const enter = (field: string, value: string): void => {
    setTexts({ ...texts, [field]: value });
    setFaults({});
  };

  const send = async (execute: boolean): Promise<void> => {
    const read = readParams(fields, texts);
    const seconds = timeout.trim() === '' ? undefined : readNumber(timeout);
    const wrong = {
      ...read.faults,
      ...(seconds === null || (seconds !== undefined && (seconds <= 0 || seconds > 86_400))
        ? { ' timeout': 'It must be more than 0 s, at most 86400 s.' }
        : {}),
    };
    setFaults(wrong);
    setSent(null);
    if (Object.keys(wrong).length > 0) return;
    const draft: TicketDraft = {
      command: name,
      params: read.params,
      priority,
      ...(typeof seconds === 'number' ? { timeout_seconds: seconds } : {}),
      ...(dry ? { dry_run: true } : {}),
    };
    setSending(true);
    let id: string | null = null;
    try {
      ({ id } = await tickets.create(draft, { timeout: TAKE_MS }));
      if (execute) await tickets.execute(id, { async: true, timeout: TAKE_MS });
      setSent({ id, executed: execute, problem: null });
    } catch (error) {
      setSent({ id, executed: false, problem: RoviError.from(error) });
    } finally {
      setSending(false);
    }
  };

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void send(false);
  };
  return (
    <form className="question" onSubmit={submit} noValidate>
      <NativeSelect
        label="Command"
        description={command.description}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        size="md"
        value={name}
        onChange={({ currentTarget: { value } }) => {
          setName(value);
          setTexts({});
          setFaults({});
          setSent(null);
        }}
        data={commands.map((one) => ({
          value: one.name,
          label: one.motion ? `${one.name} (moves the robot)` : one.name,
        }))}
      />
      <div className="ticket-fields">
        {fields.map((field) => (
          <ParamInput
            key={`${name} ${field.name}`}
            field={field}
            value={texts[field.name] ?? field.initial}
            fault={faults[field.name] ?? null}
            onChange={(value) => enter(field.name, value)}
          />
        ))}
        <NativeSelect
          label="Priority"
          size="md"
          value={priority}
          onChange={({ currentTarget: { value } }) =>
            setPriority(ticketPriorities.find((one) => one === value) ?? 'normal')
          }
          data={[...ticketPriorities]}
        />
        <TextInput
          label="Timeout (s)"
          description="Seconds that one attempt may take; empty: what the command needs."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          size="md"
          inputMode="decimal"
          value={timeout}
          onChange={({ currentTarget: { value } }) => {
            setTimeout(value);
            setFaults({});
          }}
          error={faults[' timeout'] ?? null}
        />
      </div>
      <Checkbox
        size="md"
        label="Dry run: the simulator does it, and nothing moves"
        checked={dry}
        onChange={({ currentTarget: { checked } }) => setDry(checked)}
      />
      {sent !== null && <WhatCame sent={sent} />}
      <div className="actions">
        <Button type="submit" variant="default" loading={sending} disabled={!live}>
          Create
        </Button>
        <Button loading={sending} disabled={!live} onClick={() => void send(true)}>
          Create and execute
        </Button>
        <Button variant="subtle" color="gray" className="plain" onClick={onClose}>
          Close
        </Button>
      </div>
    </form>
  );
}

function WhatCame({ sent: { id, executed, problem } }: { sent: Sent }) {
  return (
    <>
      {problem !== null && (
        <ProblemNote title={id === null ? 'It was not created' : 'It was not executed'} problem={problem} />
      )}
      {id !== null && (
        <Note tone={problem === null ? 'good' : 'rest'}>
          <p role="status">
            <Link href={`/tickets/${id}`} className="ticket-id">
              {id}
            </Link>{' '}
            {executed ? 'is created and queued.' : 'is created. It waits until somebody executes it.'}
          </p>
        </Note>
      )}
    </>
  );
}

function useTicketCommandList(): {
  readonly commands: readonly TicketCommandInfo[] | null;
  readonly problem: RoviError | null;
} {
  const { client } = useRobot();
  const live = useIsLive();
  const [answer, setAnswer] = useState<{
    readonly commands: readonly TicketCommandInfo[] | null;
    readonly problem: RoviError | null;
  }>({ commands: null, problem: null });
  useEffect(() => {
    if (!live) return;
    const gone = new AbortController();
    client.tickets.commands({ signal: gone.signal }).then(
      (commands) => setAnswer({ commands, problem: null }),
      (error: unknown) => {
        if (!gone.signal.aborted) setAnswer(({ commands }) => ({ commands, problem: RoviError.from(error) }));
      },
    );
    return () => gone.abort(new RoviError('internal', 'read anew'));
  }, [client, live]);
  return answer;
}
