import { CloseButton } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';
import { ToneIcon } from './state-badge.js';
import type { Tone } from './tone.js';

/** Something to know before anything else; `bad` ones are read out at once. */
export function Note({
  tone,
  title,
  children,
  onClose,
  Icon,
}: {
  tone: Tone;
  title?: string;
  children?: ReactNode;
  onClose?: () => void;
  /** Instead of the tone's own. */
  Icon?: ComponentType<{ size: number; 'aria-hidden': true }>;
}) {
  return (
    <div className="note" data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      {Icon === undefined ? <ToneIcon tone={tone} size={24} /> : <Icon size={24} aria-hidden />}
      <div className="note-text">
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
      {onClose !== undefined && <CloseButton size={44} iconSize={22} aria-label="Close" onClick={onClose} />}
    </div>
  );
}
