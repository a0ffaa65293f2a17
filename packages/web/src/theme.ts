import { createTheme } from '@mantine/core';

/** Mantine in the page's own dress: system fonts, large targets. Colours of states are in look.css. */
export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: 9,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'Cascadia Mono', 'SF Mono', Menlo, Consolas, monospace",
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'md', mih: 44 } },
    ActionIcon: { defaultProps: { size: 44, variant: 'subtle' } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.6 } } },
  },
});
