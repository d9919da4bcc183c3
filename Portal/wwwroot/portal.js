// Functions that need the browser: theme, language, clipboard, this tab's storage, time zone, the reconnect dialog.
// The server does everything else.
(() => {
  const root = document.documentElement;

  // ---- theme: an attribute on <html>, and a cookie that the server reads for the next page load
  // Without the trailing slash: a cookie path with it wouldn't match the address without it.
  const cookiePath = new URL(document.baseURI).pathname.replace(/\/$/, '') || '/';
  const themeChoice = () => root.dataset.theme ?? 'system';
  const showThemeChoice = () => document.querySelectorAll('[data-theme-choice]').forEach(button =>
    button.setAttribute('aria-pressed', String(button.dataset.themeChoice === themeChoice())));
  const isSecure = location.protocol === 'https:';
  // Without a value, the cookie is removed.
  const keepCookie = (name, value) => {
    document.cookie = `${isSecure ? '__Host-' : ''}${name}=${value}; path=${isSecure ? '/' : cookiePath}; max-age=${value ? 31536000 : 0}; samesite=lax${isSecure ? '; secure' : ''}`;
  };
  const chooseTheme = choice => {
    if (choice === 'system') delete root.dataset.theme; else root.dataset.theme = choice;
    keepCookie('portal-theme', choice === 'system' ? '' : choice);
    showThemeChoice();
  };

  // ---- language: a cookie that the server reads
  const showLanguageChoice = () => document.querySelectorAll('[data-language-choice]').forEach(select => {
    select.value = document.cookie.match(/(?:^|; )(?:__Host-)?portal-language=([^;]*)/)?.[1] ?? '';
  });
  const chooseLanguage = language => {
    keepCookie('portal-language', language);
    location.reload();
  };

  // ---- times: the element contains UTC and is shown in the browser's time zone and language
  const units = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]];
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: 'auto' });
  const ago = date => {
    const seconds = (date - Date.now()) / 1000;
    for (const [unit, length] of units)
      if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
    return relative.format(0, 'second');
  };
  const day = { year: 'numeric', month: 'short', day: 'numeric' };
  const minute = { ...day, hour: 'numeric', minute: '2-digit' };
  const formats = Object.fromEntries(Object.entries({ date: day, datetime: minute, seconds: { ...minute, second: '2-digit' } })
    .map(([name, parts]) => [name, new Intl.DateTimeFormat(root.dataset.culture, parts)]));

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
      this.#text.textContent = format === 'relative' ? ago(date) : (formats[format] ?? formats.datetime).format(date);
    }
  }
  customElements.define('local-time', LocalTime);

  // ---- the focus before a menu or dialog took it
  let before;
  const overlays = '.mud-popover, .mud-dialog-container, .mud-overlay, .fixed';
  document.addEventListener('focusin', event => {
    if (!event.target.closest(overlays)) before = event.target;
  });

  // The server requests the focus one round trip after the page has changed. If the person has already focused a field, the focus stays there:
  // otherwise they would type into another field.
  const isField = element => !!element?.matches('input, textarea, select');
  const isTypingIn = area => isField(document.activeElement) && !!area?.contains(document.activeElement);
  // Whether the focus moved to a field after the last action that the server may answer with a fault.
  let movedOn = false;
  document.addEventListener('focusin', event => { movedOn = isField(event.target); });
  const act = () => { movedOn = false; };
  addEventListener('submit', act, true);
  addEventListener('click', event => { if (event.target.closest?.('button')) act(); }, true);
  addEventListener('keydown', event => { if (event.key === 'Enter') act(); }, true);

  // The action may remove the element that got the focus back, such as the row of a deleted token.
  let removals;
  const keepFocus = element => {
    removals?.disconnect();
    const area = element?.closest('section');
    removals = new MutationObserver(() => {
      if (element.isConnected) return;
      removals.disconnect();
      if (document.activeElement === document.body)
        (area?.isConnected && area.querySelector('a, button') || document.querySelector('h1'))?.focus();
    });
    removals.observe(document.body, { childList: true, subtree: true });
    setTimeout(() => removals.disconnect(), 10000);
  };

  // Escape also closes an open menu while the focus is still on its button, where a click leaves it.
  addEventListener('keydown', event => {
    if (event.key === 'Escape' && event.target.closest?.('.mud-menu') && document.querySelector('.mud-popover-open .mud-menu-list, .mud-popover-open.mud-menu-list'))
      document.querySelector('.mud-overlay')?.click();
  });

  // By default, these keys scroll the page behind a menu. The server keeps the active item, so the focus must not move without it.
  const scrolling = ['Home', 'End', 'PageUp', 'PageDown'];
  addEventListener('keydown', event => {
    if (scrolling.includes(event.key) && event.target.closest?.('.mud-menu-list')) event.preventDefault();
  });

  // ---- functions that the server calls
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
    markReady: () => { root.dataset.ready = 'true'; showThemeChoice(); showLanguageChoice(); },
    // The clipboard needs a secure context, which plain HTTP is only on localhost.
    copy: async text => {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return copyWithoutPermission(text);
      }
    },
    // A browser may block or limit a tab's storage. The page works without it, but a reload then loses typed text.
    readTab: key => { try { const kept = sessionStorage.getItem(key); return kept?.length > 100000 ? null : kept; } catch { return null; } },
    writeTab: (key, value) => { try { value === null ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, value); } catch { /* see above */ } },
    toUtc: local => {
      const date = new Date(local);
      return local === '' || isNaN(date) ? null : date.toISOString();
    },
    reveal: element => element?.scrollIntoView({ block: 'nearest' }),
    focusHeading: () => {
      if (isTypingIn(document.querySelector('main'))) return;
      const heading = document.querySelector('h1');
      if (heading && !heading.hasAttribute('tabindex')) heading.tabIndex = -1;
      heading?.focus();
    },
    focusBack: () => {
      if (isField(document.activeElement) && !document.activeElement.closest(overlays)) return;
      const element = before?.isConnected ? before : document.querySelector('h1');
      element?.focus();
      keepFocus(element);
    },
    focusFault: () => { if (!movedOn) document.querySelector('[aria-invalid=true]')?.focus(); },
    focusFirst: area => {
      if (isTypingIn(area)) return;
      const field = area?.querySelector('input:checked, input:not([type=hidden]):not([type=radio]):not(:disabled), textarea, select')
        ?? area?.querySelector('input:not(:disabled)')
        // There is no field: the focus goes to the submit button, so that Enter still continues.
        ?? area?.closest('form')?.querySelector('button[type=submit]')
        ?? area?.querySelector('button');
      (field ?? area)?.focus({ preventScroll: true });
      scrollTo(0, 0);
    },
  };

  // ---- texts that are far too long: the field keeps them, and the server gets their beginning, which is enough to refuse them.
  // A message over the limit would end the connection, and with it the page.
  let passing = false;
  const pass = event => {
    const field = event.target;
    if (passing || !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || typeof field.value !== 'string') return;
    const most = Number(field.dataset.most) || 4000;
    const whole = field.value;
    // The server couldn't read half a surrogate pair, whether from the cut or pasted.
    const sent = whole.slice(0, most).replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '');
    if (sent === whole) return;
    event.stopImmediatePropagation();
    const [start, end] = [field.selectionStart, field.selectionEnd];
    passing = true;
    try {
      field.value = sent;
      field.dispatchEvent(new Event(event.type, { bubbles: true }));
    } finally {
      passing = false;
      if (field.value === sent) field.value = whole;
      try { field.setSelectionRange(start, end); } catch { /* this kind of field has no selection */ }
    }
  };
  addEventListener('input', pass, true);
  addEventListener('change', pass, true);

  // ---- a field of a plain form truncates pasted text at its limit and says so
  const told = new WeakMap();
  const tell = (field, text) => {
    let note = told.get(field);
    if (!note) {
      note = Object.assign(document.createElement('p'), { className: 'field-fault' });
      note.setAttribute('role', 'alert');
      field.after(note);
      told.set(field, note);
    }
    note.textContent = text;
  };
  document.addEventListener('paste', event => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || field.maxLength < 0) return;
    const length = field.value.length + (event.clipboardData?.getData('text').length ?? 0) - ((field.selectionEnd ?? 0) - (field.selectionStart ?? 0));
    tell(field, length > field.maxLength ? document.body.dataset.cut.replace('{0}', length).replace('{1}', field.maxLength) : '');
  });

  // ---- the frame: needs no circuit
  document.addEventListener('click', event => {
    const choice = event.target.closest('[data-theme-choice]');
    if (choice) chooseTheme(choice.dataset.themeChoice);
    const link = event.target.closest('[popover] a');
    if (link) link.closest('[popover]').hidePopover?.();
    const reconnect = event.target.closest('[data-reconnect]');
    if (reconnect) reconnect.dataset.reconnect === 'retry' ? retry() : location.reload();
  });
  document.addEventListener('change', event => {
    if (event.target.matches('[data-language-choice]')) chooseLanguage(event.target.value);
  });
  showThemeChoice();
  showLanguageChoice();
  // A form of a plain HTML page is sent only once, however often its button is pressed. Some responses don't replace the page (204, a download, a
  // canceled request), and no event reports them: after a while, the form can be sent again.
  const sent = new Set(), resendAfter = 10000;
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented) return;
    if (sent.has(form)) return event.preventDefault();
    sent.add(form);
    setTimeout(() => sent.delete(form), resendAfter);
  });
  // The part after # isn't sent to servers, but stays in the history and in links.
  try {
    if (/[0-9a-f]{33}|eyJ[\w-]{5}|SU-\d{3}-\d{3}-\d{3}[:=]/i.test(decodeURIComponent(location.hash))) history.replaceState(null, '', location.pathname + location.search);
  } catch { /* no text: nothing to find in it */ }
  // A page from the browser's back/forward cache has no connection, its form may be out of date, and the session may have ended.
  addEventListener('pageshow', event => {
    sent.clear();
    if (event.persisted) location.reload();
  });

  // ---- the reconnect dialog: Blazor reports the state, and this shows it
  const dialog = document.getElementById('components-reconnect-modal');
  const reloadNotice = document.getElementById('reload-notice'), reloaded = 'portal.reloaded';
  // The server no longer knows this page's state. The page starts again, with the data that the tab stored, and says so.
  const startAgain = () => {
    portal.writeTab(reloaded, '1');
    location.reload();
  };
  if (reloadNotice && portal.readTab(reloaded)) {
    portal.writeTab(reloaded, null);
    const text = document.createElement('span'), dismiss = document.createElement('button');
    text.textContent = reloadNotice.dataset.text + ' ';
    dismiss.textContent = reloadNotice.dataset.dismiss;
    Object.assign(dismiss, { type: 'button', className: 'link-button', onclick: () => reloadNotice.replaceChildren() });
    text.append(dismiss);
    reloadNotice.append(text);
  }
  const retry = async () => {
    dialog.dataset.state = 'trying';
    try {
      if (!await Blazor.reconnect()) startAgain();
    } catch {
      dialog.dataset.state = 'failed';
    }
  };
  // A session may end while the tab is asleep. The circuit then only refuses the connection; a request for the page itself shows the reason.
  let asking = false, leaving = false;
  const leaveIfSessionEnded = async () => {
    if (asking || leaving) return;
    asking = true;
    try {
      const answer = await fetch(location.href, { redirect: 'manual', cache: 'no-store' });
      leaving = answer.type === 'opaqueredirect';
    } catch {
      // The server can't be reached, which the dialog shows.
    }
    asking = false;
    if (leaving)
      location.replace(new URL(`login?session=ended&returnUrl=${encodeURIComponent(location.pathname + location.search)}`, document.baseURI));
  };
  // Registered before Blazor's own listener: typed text can no longer be saved, so there is no reason to ask.
  addEventListener('beforeunload', event => { if (leaving) event.stopImmediatePropagation(); });
  dialog?.addEventListener('cancel', event => event.preventDefault());
  dialog?.addEventListener('components-reconnect-state-changed', event => {
    const state = event.detail.state;
    const checked = leaveIfSessionEnded();
    if (state === 'show' && !dialog.open) {
      dialog.dataset.state = 'trying';
      dialog.showModal();
    } else if (state === 'hide') {
      dialog.close();
    } else if (state === 'failed') {
      dialog.dataset.state = 'failed';
    } else if (state === 'rejected') {
      checked.then(() => leaving || startAgain());
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && dialog?.open) retry();
  });
})();
