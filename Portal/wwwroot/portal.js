// What needs the browser itself: theme, clipboard, this tab's storage, time zone, the reconnect dialog.
// Everything else is done by the server.
(() => {
  const root = document.documentElement;

  // ---- theme: an attribute on <html> and a cookie that the next first response reads
  // Without the slash at the end, which would leave out the address without it.
  const cookiePath = new URL(document.baseURI).pathname.replace(/\/$/, '') || '/';
  const themeChoice = () => root.dataset.theme ?? 'system';
  const showThemeChoice = () => document.querySelectorAll('[data-theme-choice]').forEach(button =>
    button.setAttribute('aria-pressed', String(button.dataset.themeChoice === themeChoice())));
  const chooseTheme = choice => {
    const secure = location.protocol === 'https:' ? '; secure' : '';
    if (choice === 'system') {
      delete root.dataset.theme;
      document.cookie = `theme=; path=${cookiePath}; max-age=0; samesite=lax${secure}`;
    } else {
      root.dataset.theme = choice;
      document.cookie = `theme=${choice}; path=${cookiePath}; max-age=31536000; samesite=lax${secure}`;
    }
    showThemeChoice();
  };

  // ---- times: the element holds UTC, and shows it in the browser's zone and language
  const units = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]];
  const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const ago = date => {
    const seconds = (date - Date.now()) / 1000;
    for (const [unit, length] of units)
      if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
    return 'just now';
  };
  const two = number => String(number).padStart(2, '0');
  const dateText = date => `${two(date.getDate())} ${date.toLocaleString('en', { month: 'short' })} ${date.getFullYear()}`;
  const timeText = date => `${two(date.getHours())}:${two(date.getMinutes())}`;

  class LocalTime extends HTMLElement {
    static observedAttributes = ['datetime', 'format'];
    #timer;
    #text;
    connectedCallback() {
      if (this.getAttribute('format') === 'relative') this.#timer = setInterval(() => this.attributeChangedCallback(), 30000);
    }
    disconnectedCallback() { clearInterval(this.#timer); }
    attributeChangedCallback() {
      const date = new Date(this.getAttribute('datetime'));
      if (isNaN(date)) return;
      this.#text ??= this.attachShadow({ mode: 'open' }).appendChild(document.createElement('span'));
      const format = this.getAttribute('format');
      this.#text.textContent = format === 'relative' ? ago(date) : format === 'date' ? dateText(date) : `${dateText(date)}, ${timeText(date)}`;
    }
  }
  customElements.define('local-time', LocalTime);

  // ---- where the focus was before a menu or dialog took it
  let before;
  document.addEventListener('focusin', event => {
    if (!event.target.closest('.mud-popover, .mud-dialog-container, .mud-overlay, .fixed')) before = event.target;
  });

  // ---- what the server calls
  const copyWithoutPermission = text => {
    const area = Object.assign(document.createElement('textarea'), { value: text, readOnly: true });
    area.style.cssText = 'position:fixed;opacity:0';
    (document.querySelector('.mud-dialog') ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  };
  window.portal = {
    markReady: () => { root.dataset.ready = 'true'; showThemeChoice(); },
    // The clipboard needs a secure context, which plain HTTP on another host than localhost is not.
    copy: async text => {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return copyWithoutPermission(text);
      }
    },
    readTab: key => sessionStorage.getItem(key),
    writeTab: (key, value) => value === null ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, value),
    toUtc: local => {
      const date = new Date(local);
      return local === '' || isNaN(date) ? null : date.toISOString();
    },
    focusBack: () => (before?.isConnected ? before : document.querySelector('h1'))?.focus(),
    focusFault: () => document.querySelector('[aria-invalid=true]')?.focus(),
    focusFirst: area => {
      const field = area?.querySelector('input:checked, input:not([type=hidden]):not([type=radio]):not(:disabled), textarea, select')
        ?? area?.querySelector('input:not(:disabled)')
        // Nothing to fill in: Enter goes on all the same.
        ?? area?.closest('form')?.querySelector('button[type=submit]')
        ?? area?.querySelector('button');
      (field ?? area)?.focus({ preventScroll: true });
      scrollTo(0, 0);
    },
  };

  // ---- the frame: no circuit needed
  document.addEventListener('click', event => {
    const choice = event.target.closest('[data-theme-choice]');
    if (choice) chooseTheme(choice.dataset.themeChoice);
    const link = event.target.closest('[popover] a');
    if (link) link.closest('[popover]').hidePopover?.();
    const reconnect = event.target.closest('[data-reconnect]');
    if (reconnect) reconnect.dataset.reconnect === 'retry' ? retry() : location.reload();
  });
  showThemeChoice();

  // ---- the reconnect dialog: Blazor tells the state, and this shows it
  const dialog = document.getElementById('components-reconnect-modal');
  const retry = async () => {
    dialog.dataset.state = 'trying';
    try {
      if (!await Blazor.reconnect()) location.reload();
    } catch {
      dialog.dataset.state = 'failed';
    }
  };
  dialog?.addEventListener('cancel', event => event.preventDefault());
  dialog?.addEventListener('components-reconnect-state-changed', event => {
    const state = event.detail.state;
    if (state === 'show' && !dialog.open) {
      dialog.dataset.state = 'trying';
      dialog.showModal();
    } else if (state === 'hide') {
      dialog.close();
    } else if (state === 'failed') {
      dialog.dataset.state = 'failed';
    } else if (state === 'rejected') {
      // The server no longer knows this page's state: the page starts anew, and with it what the tab kept.
      location.reload();
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && dialog?.open) retry();
  });
})();
