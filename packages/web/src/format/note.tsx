import { CloseButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ToneIcon } from './state-badge.js';
import type { Tone } from './tone.js';

/** Something to know before anything else; `bad` ones are read out at once. */
export function Note({
  tone,
  title,
  children,
  onClose,
}: {
  tone: Tone;
  title?: string;
  children?: ReactNode;
  onClose?: () => void;
}) {
  return (
    <div className="note" data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <ToneIcon tone={tone} size={24} />
      <div className="note-text">
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
      {onClose !== undefined && <CloseButton size={44} iconSize={22} aria-label="Close" onClick={onClose} />}
    </div>
  );
}
