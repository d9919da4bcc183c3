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
    reload();
  };

  // ---- times: the element contains UTC and is shown in the reader's time zone, by default the browser's, and in the form of the reader's culture
  // The browser may not know a zone that the server knows.
  const timeZone = (() => {
    try { return new Intl.DateTimeFormat('en', { timeZone: root.dataset.timeZone || undefined }).resolvedOptions().timeZone; } catch { return undefined; }
  })();
  // Years and months from two on: "next month" could be in 1 day or in 58.
  const units = [['year', 31536000, 2], ['month', 2592000, 2], ['day', 86400, 1], ['hour', 3600, 1], ['minute', 60, 1]];
  const relative = new Intl.RelativeTimeFormat(root.lang, { numeric: 'auto' });
  const ago = date => {
    const seconds = (date - Date.now()) / 1000;
    for (const [unit, length, least] of units)
      // Past times are rounded down: 60 minutes would be an hour.
      if (Math.abs(seconds) >= length * least) return relative.format(seconds < 0 ? Math.ceil(seconds / length) : Math.round(seconds / length), unit);
    return document.body.dataset.now;
  };
  // The browser may not know a culture that the server knows.
  const culture = Intl.DateTimeFormat.supportedLocalesOf([root.dataset.culture ?? '', root.lang].filter(Boolean))[0];
  // Cultures with 24 hours write 03:09, and those with 12 hours 3:09 AM.
  const hour = new Intl.DateTimeFormat(culture, { hour: 'numeric' }).resolvedOptions().hour12 ? 'numeric' : '2-digit';
  const day = { year: 'numeric', month: 'short', day: 'numeric' };
  const minute = { ...day, hour, minute: '2-digit' }, second = { ...minute, second: '2-digit' }, zone = { timeZoneName: 'short' };
  // A date with a time is read exactly, so the zone is named. Rows of a table that show seconds name it only in the tooltip.
  const { year, ...dayOfYear } = day, clock = { hour, minute: '2-digit', second: '2-digit' };
  const formats = Object.fromEntries(Object.entries({ date: day, datetime: { ...minute, ...zone }, seconds: second, thisYear: { ...dayOfYear, ...clock }, today: clock, exact: { ...second, ...zone } })
    .map(([name, parts]) => [name, new Intl.DateTimeFormat(culture, { ...parts, timeZone })]));
  // A line may break between the date and the time, but not within the time: "AM" alone on a line is hard to read.
  const unbroken = (format, date) => {
    let inTime = false;
    return format.formatToParts(date).map(part => {
      inTime ||= part.type === 'hour' || part.type === 'dayPeriod';
      return inTime ? part.value.replaceAll(' ', '\u00a0') : part.value;
    }).join('');
  };

  // A column of times to the second repeats neither today's date nor this year.
  // Such as 2026-11-27 15:30:00.
  const sortable = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'medium', timeZone });
  const shortest = date => {
    const [text, now] = [sortable.format(date), sortable.format(new Date())];
    return text.slice(0, 10) === now.slice(0, 10) ? 'today' : text.slice(0, 4) === now.slice(0, 4) ? 'thisYear' : 'seconds';
  };
  // A time that a change of the clock skips or repeats is the one before or the first.
  const toUtc = local => {
    const wanted = Date.parse(`${local}Z`);
    if (isNaN(wanted)) return null;
    const shown = at => Date.parse(`${sortable.format(new Date(at)).replace(' ', 'T')}Z`);
    const [before, after] = [wanted - 86400000, wanted + 86400000].map(at => wanted - (shown(at) - at));
    return new Date([before, after].find(at => shown(at) === wanted) ?? before).toISOString();
  };

  class LocalTime extends HTMLElement {
    static observedAttributes = ['datetime', 'format'];
    #timer;
    #text;
    connectedCallback() {
      if (/relative|seconds/.test(this.getAttribute('format'))) this.#timer = setInterval(() => this.attributeChangedCallback(), 30000);
    }
    disconnectedCallback() { clearInterval(this.#timer); }
    attributeChangedCallback() {
      const date = new Date(this.getAttribute('datetime'));
      if (isNaN(date)) return;
      this.#text ??= this.attachShadow({ mode: 'open' }).appendChild(document.createElement('span'));
      const format = this.getAttribute('format');
      this.#text.textContent = format === 'relative' ? ago(date) : unbroken(formats[format === 'seconds' ? shortest(date) : format] ?? formats.datetime, date);
    }
    // The server's title is UTC.
    explain() { this.#text.title = `${formats.exact.format(new Date(this.getAttribute('datetime')))}\n${this.title}`; }
  }
  customElements.define('local-time', LocalTime);
  addEventListener('pointerover', event => event.target.closest?.('local-time')?.explain());

  // ---- the focus before a menu or dialog took it
  let before;
  const overlays = '.mud-popover, .mud-dialog-container, .mud-overlay, .mud-snackbar, .fixed';
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
    const area = element?.closest('section'), row = element?.closest('tr');
    const neighbours = [row?.nextElementSibling, row?.previousElementSibling];
    removals = new MutationObserver(() => {
      if (element.isConnected) return;
      removals.disconnect();
      if (document.activeElement === document.body)
        (neighbours.find(each => each?.isConnected)?.querySelector('a, button') || area?.isConnected && area.querySelector('a, button') || document.querySelector('h1'))?.focus();
    });
    removals.observe(document.body, { childList: true, subtree: true });
    setTimeout(() => removals.disconnect(), 10000);
  };

  // Escape also closes an open menu while the focus is still on its button, where a click leaves it.
  // In a dialog, it closes only the menu.
  addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !event.target.closest?.('.mud-menu') || !document.querySelector('.mud-popover-open .mud-menu-list, .mud-popover-open.mud-menu-list')) return;
    event.stopImmediatePropagation();
    [...document.querySelectorAll('.mud-overlay:not(.mud-overlay-dialog)')].at(-1)?.click();
  }, true);

  // By default, these keys scroll the page behind a menu. The server keeps the active item, so the focus must not move without it.
  const scrolling = ['Home', 'End', 'PageUp', 'PageDown'];
  addEventListener('keydown', event => {
    if (scrolling.includes(event.key) && event.target.closest?.('.mud-menu-list')) event.preventDefault();
  });

  // ---- lists: a click on a row opens its link, with Ctrl in a new tab
  const rowAt = target => target.closest?.('a, button, input, label, select, summary') ? null : target.closest?.('tr[data-opens]');
  // With Ctrl, Firefox would select the cell, and a selection prevents the click below.
  document.addEventListener('mousedown', event => {
    if ((event.ctrlKey || event.metaKey) && rowAt(event.target)) event.preventDefault();
  });
  const openRow = event => {
    const row = rowAt(event.target);
    if (!row || event.button > 1 || String(getSelection())) return;
    const link = row.querySelector('a');
    if (event.button === 1 || event.ctrlKey || event.metaKey) open(link.href, '_blank', 'noopener');
    else link.click();
  };
  document.addEventListener('click', openRow);
  document.addEventListener('auxclick', openRow);

  // ---- panels below a button close on Escape and on a click elsewhere
  const openPanel = () => document.querySelector('details.drop-down[open]');
  document.addEventListener('click', event => {
    const panel = openPanel();
    if (panel && (!panel.contains(event.target) || event.target.closest('.drop-panel a:not([data-export])'))) panel.open = false;
  });
  addEventListener('keydown', event => {
    const panel = event.key === 'Escape' && openPanel();
    if (!panel) return;
    panel.open = false;
    panel.querySelector('summary').focus();
  });

  // A panel that is too long for the screen scrolls.
  addEventListener('toggle', event => {
    const panel = event.target.matches('.drop-down[open]') && event.target.querySelector('.drop-panel');
    if (panel) panel.style.maxHeight = `${Math.max(200, innerHeight - panel.getBoundingClientRect().top - 12)}px`;
  }, true);

  // ---- fields of several lines: Enter submits the form, as in the other fields, and Shift+Enter begins a line
  addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !event.target.matches?.('[data-enter-submits]')) return;
    event.preventDefault();
    event.target.form?.requestSubmit();
  });

  // ---- exports: the file is read as it arrives, so that the page can show the progress
  const exportFile = async (link, box) => {
    const [progress, note, cancel] = ['progress', '[role=status]', 'button'].map(part => box.querySelector(part));
    const stop = new AbortController();
    cancel.onclick = () => stop.abort();
    box.hidden = cancel.hidden = progress.hidden = false;
    box.dataset.running = 'true';
    note.textContent = '';
    progress.removeAttribute('value');
    try {
      const answer = await fetch(link.href, { signal: stop.signal, cache: 'no-store' });
      if (!answer.ok) throw new Error(String(answer.status));
      const total = Number(answer.headers.get('X-Total-Count')), parts = [];
      const reader = answer.body.getReader();
      // A token is a line of CSV, and an object of JSON.
      const mark = link.href.includes('.json') ? 123 : 10;
      let tokens = 0;
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        for (const byte of part.value) if (byte === mark) tokens++;
        if (total > 0) Object.assign(progress, { max: total, value: Math.min(tokens, total) });
      }
      const file = URL.createObjectURL(new Blob(parts, { type: answer.headers.get('Content-Type') ?? '' }));
      const name = /filename="?([^";]+)/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? '';
      Object.assign(document.createElement('a'), { href: file, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(file), 60000);
      note.textContent = box.dataset.done;
    } catch (error) {
      note.textContent = error.name === 'AbortError' ? '' : box.dataset.failed;
    }
    cancel.hidden = progress.hidden = true;
    delete box.dataset.running;
  };
  document.addEventListener('click', event => {
    const link = event.target.closest?.('a[data-export]');
    const box = link?.closest('.drop-panel')?.querySelector('[data-export-progress]');
    if (!box || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!box.dataset.running) exportFile(link, box);
  }, true);

  // ---- keyboard shortcuts
  const singleKeys = 'portal.single-keys';
  const hasSingleKeys = () => { try { return localStorage.getItem(singleKeys) !== 'off'; } catch { return true; } };
  const showDialog = id => {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open || document.querySelector('dialog[open], .mud-dialog')) return;
    const choice = dialog.querySelector('[data-single-keys]');
    if (choice) choice.checked = hasSingleKeys();
    dialog.showModal();
  };
  const moveInList = step => {
    const rows = [...document.querySelectorAll('tr[data-opens]')];
    const current = rows.indexOf(document.activeElement?.closest('tr[data-opens]'));
    const row = rows[current < 0 ? 0 : current + step];
    row?.querySelector('a').focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  };
  const shortcuts = {
    '/': () => document.getElementById('search')?.focus(),
    j: () => moveInList(1),
    k: () => moveInList(-1),
    x: () => document.activeElement?.closest('tr[data-opens]')?.querySelector('input[type=checkbox]')?.click(),
    c: () => document.querySelector('[data-shortcut=c]')?.click(),
    '?': () => showDialog('shortcuts'),
  };
  addEventListener('keydown', event => {
    if (event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== 'k' || event.shiftKey || !document.getElementById('palette')) return;
      event.preventDefault();
      showDialog('palette');
      return;
    }
    const run = shortcuts[event.key];
    const types = event.target.matches?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');
    if (!run || types || !hasSingleKeys() || document.querySelector('dialog[open], .mud-dialog, .mud-popover-open .mud-menu-list')) return;
    event.preventDefault();
    run();
  });
  // From the search to its results.
  addEventListener('keydown', event => {
    if (event.key !== 'ArrowDown' || event.target.id !== 'search') return;
    event.preventDefault();
    moveInList(1);
  });
  document.addEventListener('change', event => {
    if (!event.target.matches('[data-single-keys]')) return;
    try { localStorage.setItem(singleKeys, event.target.checked ? 'on' : 'off'); } catch { /* the choice lasts until the page is left */ }
  });
  document.addEventListener('click', event => {
    const opens = event.target.closest('[data-opens-dialog]');
    if (opens) showDialog(opens.dataset.opensDialog);
    const dialog = event.target.closest('.palette, .shortcuts');
    const frame = dialog?.getBoundingClientRect();
    const isOutside = dialog === event.target && event.detail > 0
      && (event.clientX < frame.left || event.clientX > frame.right || event.clientY < frame.top || event.clientY > frame.bottom);
    if (isOutside || event.target.closest('[data-closes-dialog], .palette-item')) dialog?.close();
  });

  // ---- a check box for several others that are partly checked: no attribute can say so
  new MutationObserver(changes => { for (const { target } of changes) target.indeterminate = target.hasAttribute('data-mixed'); })
    .observe(document, { subtree: true, attributeFilter: ['data-mixed'] });

  // ---- the command palette: the server finds the results, and the arrow keys choose one
  const palette = () => document.getElementById('palette');
  const choose = item => {
    palette().querySelectorAll('[data-active]').forEach(each => { delete each.dataset.active; each.setAttribute('aria-selected', 'false'); });
    const input = palette().querySelector('input');
    if (!item) return input.removeAttribute('aria-activedescendant');
    item.dataset.active = '';
    item.setAttribute('aria-selected', 'true');
    input.setAttribute('aria-activedescendant', item.id);
    item.scrollIntoView({ block: 'nearest' });
  };
  // The field keeps the focus while a result is clicked: without it, the server removes the results.
  document.addEventListener('mousedown', event => { if (event.target.closest?.('.palette-results')) event.preventDefault(); });
  const items = () => [...palette().querySelectorAll('.palette-item')];
  addEventListener('keydown', event => {
    if (!palette()?.open) return;
    const active = palette().querySelector('[data-active]') ?? items()[0];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(items().at((items().indexOf(active) + step) % items().length));
    else if (event.key === 'Enter' && active && palette().dataset.busy !== 'true') active.click();
    // By default, it would only empty the field.
    else if (event.key === 'Escape') palette().close();
    else return;
    event.preventDefault();
  });
  // The first result is active after each search.
  new MutationObserver(() => { if (palette()?.open && !palette().querySelector('[data-active]')) choose(items()[0]); })
    .observe(document.body, { childList: true, subtree: true });
  document.addEventListener('close', event => {
    if (event.target.id !== 'palette') return;
    const input = event.target.querySelector('input');
    input.value = '';
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, true);

  // ---- suggestions of a field: the server handles these keys. By default, they also submit the form or move the caret.
  addEventListener('keydown', event => {
    const field = event.target;
    if (!field.matches?.('.picker [role=combobox][aria-expanded=true]')) return;
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown' || (event.key === 'Enter' && field.hasAttribute('aria-activedescendant'))) event.preventDefault();
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
  // ---- passkeys: the browser takes and returns bytes, which messages contain as base64url
  const toBytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), letter => letter.charCodeAt(0));
  const toText = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const readPasskeyOptions = json => {
    const options = JSON.parse(json);
    options.challenge = toBytes(options.challenge);
    if (options.user) options.user.id = toBytes(options.user.id);
    for (const known of [...options.excludeCredentials ?? [], ...options.allowCredentials ?? []]) known.id = toBytes(known.id);
    return options;
  };
  // Written by hand: the toJSON of some password managers fails.
  const writePasskey = credential => {
    const response = {};
    for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
      if (credential.response[part]) response[part] = toText(credential.response[part]);
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({ id: toText(credential.rawId), type: credential.type, clientExtensionResults: credential.getClientExtensionResults(), response });
  };
  const hasPasskeys = () => isSecureContext && !!window.PublicKeyCredential && !!navigator.credentials;
  const passkeyFaults = { AbortError: 'cancelled', NotAllowedError: 'cancelled', InvalidStateError: 'exists' };
  // `action` is create or get.
  const askPasskey = async (action, options, more) => {
    if (!hasPasskeys()) return { fault: 'unsupported' };
    try {
      return { credential: writePasskey(await navigator.credentials[action]({ publicKey: readPasskeyOptions(options), ...more })) };
    } catch (error) {
      return { fault: passkeyFaults[error.name] ?? 'failed' };
    }
  };

  window.portal = {
    createPasskey: options => askPasskey('create', options),
    usePasskey: options => askPasskey('get', options),
    // Later: a move ends the connection, which must first take the answer to this call.
    move: patience => { setTimeout(() => move(patience)); },
    markReady: () => {
      root.dataset.ready = 'true';
      showThemeChoice();
      showLanguageChoice();
      stopWaiting();
      hideDialog();
      repeat();
    },
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
    timeZone,
    toUtc,
    toLocal: utc => sortable.format(new Date(utc)).replace(' ', 'T').slice(0, 16),
    applyPreferences: (theme, language, zone) => {
      keepCookie('portal-theme', theme ?? '');
      keepCookie('portal-language', language ?? '');
      keepCookie('portal-time-zone', zone ?? '');
      reload();
    },
    scrollToTop: () => {
      scrollTo(0, 0);
      document.querySelector('h1')?.focus({ preventScroll: true });
    },
    reveal: element => element?.scrollIntoView({ block: 'nearest' }),
    focusHeading: () => {
      if (place || isTypingIn(document.querySelector('main'))) return;
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
      if (place || isTypingIn(area)) return;
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

  // ---- a status explains itself: while the pointer is on it, while it has the focus, and after a tap
  const tip = document.getElementById('status-tip');
  const statusOf = event => event.target.closest?.('.chip[aria-describedby]');
  let hiding, explained;
  const explain = chip => {
    clearTimeout(hiding);
    const text = document.getElementById(chip.getAttribute('aria-describedby'));
    if (!tip || !text) return;
    explained = chip;
    tip.textContent = text.textContent;
    tip.showPopover();
    const place = chip.getBoundingClientRect(), { width, height } = tip.getBoundingClientRect();
    const below = place.bottom + 6 + height < innerHeight;
    tip.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
    tip.style.top = `${below ? place.bottom + 6 : place.top - height - 6}px`;
  };
  const hideTip = () => {
    explained = undefined;
    tip?.hidePopover();
  };
  addEventListener('pointerover', event => {
    const chip = statusOf(event);
    if (chip && event.pointerType === 'mouse') explain(chip);
    else if (event.target === tip) clearTimeout(hiding);
  });
  // The pointer may move from the status to the text.
  addEventListener('pointerout', event => {
    if (explained && (statusOf(event) || event.target === tip)) hiding = setTimeout(hideTip, 200);
  });
  addEventListener('focusin', event => {
    const chip = statusOf(event);
    if (chip?.matches(':focus-visible')) explain(chip);
    else if (explained && explained !== chip) hideTip();
  });
  addEventListener('click', event => {
    const chip = statusOf(event);
    if (chip) explain(chip);
    else if (explained && event.target !== tip) hideTip();
  });
  addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !explained) return;
    hideTip();
    event.stopPropagation();
  }, true);
  addEventListener('scroll', () => explained && hideTip(), true);

  // ---- the frame: needs no circuit
  document.addEventListener('click', event => {
    const choice = event.target.closest('[data-theme-choice]');
    if (choice) chooseTheme(choice.dataset.themeChoice);
    const link = event.target.closest('[popover] a');
    if (link) link.closest('[popover]').hidePopover?.();
    const reconnect = event.target.closest('[data-reconnect]');
    if (reconnect) reconnect.dataset.reconnect === 'retry' ? retry() : reload();
    // Its listener is Blazor's, which reloads the page.
    if (event.target.closest('#blazor-error-ui .reload')) leaving = true;
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

  // ---- the bar at the top: the browser is offline, or the server doesn't answer
  const bar = document.getElementById('connection-bar');
  // The text is written anew each time, so that screen readers announce it again.
  const showBar = state => {
    if (!bar || (bar.dataset.state ?? '') === state) return;
    bar.dataset.state = state;
    bar.firstElementChild.textContent = bar.dataset[state] ?? '';
    // What sticks to the top of the page sticks below it.
    root.style.setProperty('--bar', bar.dataset[state] ? `${bar.offsetHeight}px` : '0px');
  };

  // Each action asks the server for an answer. The server sends it as soon as it has received the action, however long that takes to complete.
  let waiting;
  const stopWaiting = () => {
    waiting?.forEach(clearTimeout);
    waiting = undefined;
    if (!offline) showBar('');
  };
  const warnLater = () => [setTimeout(() => showBar('slow'), 1000), setTimeout(() => showBar('silent'), 5000)];
  const expectReady = () => { waiting ??= warnLater(); };
  const expectAnswer = () => {
    if (waiting || offline || !root.dataset.ready || dialog?.open) return;
    const mine = waiting = warnLater();
    const answered = () => { if (waiting === mine) stopWaiting(); };
    // A connection that Blazor knows to be lost refuses the question. The dialog then says so.
    try { DotNet.invokeMethodAsync('Portal', 'Answer').then(answered, answered); } catch { answered(); }
  };

  // A browser that says it's offline may still reach a server on the same machine, so the server is asked.
  let offline = false;
  const reachable = () => fetch(new URL('favicon.svg', document.baseURI), { method: 'HEAD', cache: 'no-store' }).then(() => true, () => false);
  const watchConnection = async () => {
    const was = offline;
    offline = !navigator.onLine && !await reachable();
    if (offline || was) showBar(offline ? 'offline' : '');
    if (was && !offline && dialog?.open) retry();
  };
  addEventListener('offline', watchConnection);
  addEventListener('online', watchConnection);

  // These elements work without the server.
  const local = '[data-theme-choice], [popovertarget], [data-reconnect], summary, .chip, a[href^="#"]';
  const controlOf = event => event.target.closest?.('button, a, [role=menuitem], input[type=checkbox], input[type=radio]');
  // A page that starts replaces its elements. Between the press and the release of a button, the browser then reports no click.
  let pressed;
  addEventListener('pointerdown', event => {
    const control = isStarting() && event.button === 0 && controlOf(event);
    pressed = control ? { control, spot: spotOf(control) } : undefined;
  }, true);
  addEventListener('pointerup', event => {
    const control = pressed?.control.isConnected === false && elementAt(pressed.spot);
    pressed = undefined;
    if (control && control.contains(event.target)) control.click();
  }, true);
  addEventListener('click', event => {
    const control = controlOf(event);
    if (!control || control.matches(local)) return;
    if (isStarting() && (moving || control.tagName !== 'A')) {
      event.preventDefault();
      event.stopImmediatePropagation();
      clicked = spotOf(control);
      return expectReady();
    }
    if (!offline) return expectAnswer();
    // Otherwise the action would be lost, or would happen much later.
    event.preventDefault();
    event.stopImmediatePropagation();
    showBar('');
    showBar('offline');
    bar.animate([{ opacity: 0.2 }, { opacity: 1 }], 300);
    watchConnection();
  }, true);
  addEventListener('change', expectAnswer, true);

  // ---- a resumed page has its old elements until the new connection has rendered it, and those do nothing
  const keepUntilRendered = { onCircuitClosed: () => { delete root.dataset.ready; } };
  addEventListener('DOMContentLoaded', () => window.Blazor?.start({ circuit: { circuitHandlers: [keepUntilRendered] } }));

  // ---- the reconnect dialog: Blazor reports the state, and this shows it
  const dialog = document.getElementById('components-reconnect-modal');
  const reloadNotice = document.getElementById('reload-notice'), reloaded = 'portal.reloaded';
  // The server no longer knows this page's state. The page starts again, with the data that the tab stored, and says so.
  const startAgain = () => {
    portal.writeTab(reloaded, '1');
    reload();
  };
  const showNotice = message => {
    const text = document.createElement('span'), dismiss = document.createElement('button');
    text.textContent = message + ' ';
    dismiss.textContent = reloadNotice.dataset.dismiss;
    Object.assign(dismiss, { type: 'button', className: 'link-button', onclick: () => reloadNotice.replaceChildren() });
    text.append(dismiss);
    reloadNotice.replaceChildren(text);
  };
  if (reloadNotice && portal.readTab(reloaded)) {
    portal.writeTab(reloaded, null);
    showNotice(reloadNotice.dataset.text);
  }
  const resume = () => {
    // The new page starts it again, and would complain about the one of the old page.
    window.mudPopover?.dispose();
    return Blazor.resumeCircuit();
  };
  const retry = async () => {
    dialog.dataset.state = 'trying';
    try {
      if (!await Blazor.reconnect() && !await resume()) startAgain();
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
  // Registered before Blazor's own listener: typed text can no longer be saved, or the tab keeps it, so there is no reason to ask.
  addEventListener('beforeunload', event => { if (leaving) event.stopImmediatePropagation(); });
  const reload = () => {
    leaving = true;
    location.reload();
  };
  const hideDialog = () => {
    clearTimeout(showing);
    dialog?.close();
  };
  dialog?.addEventListener('cancel', event => event.preventDefault());
  dialog?.addEventListener('components-reconnect-state-changed', event => {
    const state = event.detail.state;
    const checked = leaveIfSessionEnded();
    // What was sent before is answered by nobody.
    stopWaiting();
    if (state === 'show') place ??= placeOf();
    if (state === 'show' && !dialog.open) {
      dialog.dataset.state = 'trying';
      // A move to another node takes less than a second.
      if (moving) showing = setTimeout(() => dialog.showModal(), 2000);
      else dialog.showModal();
    } else if (state === 'hide') {
      clearTimeout(showing);
      if (root.dataset.ready) hideDialog();
      else showing = setTimeout(hideDialog, 10000);
      // Nothing is new if the page has found its state on the same node.
      if (!moving) setTimeout(() => { place = undefined; }, 2000);
      watchConnection();
    } else if (state === 'failed') {
      dialog.dataset.state = 'failed';
    } else if (state === 'rejected') {
      checked.then(() => leaving || startAgain());
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && dialog?.open) retry();
  });

  // ---- a page that isn't interactive yet, or continues in a new connection: its elements are about to be replaced. The person goes on where they
  // were, and gets back what they typed and clicked meanwhile.
  let place, moving = false, typedAt = -Infinity, showing, clicked;
  const entered = new Map();
  const isStarting = () => document.body.hasAttribute('data-interactive') && !root.dataset.ready;
  const after = milliseconds => new Promise(done => setTimeout(done, milliseconds));
  const nameOf = element => element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  const withName = name => [...document.querySelectorAll('a[href], button, input, select, textarea')].filter(each => nameOf(each) === name);
  const spotOf = element => ({ name: nameOf(element), index: withName(nameOf(element)).indexOf(element) });
  const elementAt = spot => spot && withName(spot.name)[spot.index];
  const enter = (element, value) => {
    if (!element || element.value === value) return;
    element.value = value;
    element.dispatchEvent(new Event('input', { bubbles: true }));
    element.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const placeOf = () => {
    const element = document.activeElement;
    return {
      spot: element && element !== document.body ? spotOf(element) : undefined, top: scrollY, start: element?.selectionStart, end: element?.selectionEnd,
      // The last letters may not have arrived.
      text: performance.now() - typedAt < 5000 && element?.matches('input[type=text], input[type=search], textarea') ? element.value : undefined,
    };
  };
  const returnToPlace = async () => {
    const { spot, top, start, end, text } = place;
    for (let tries = 0; tries < 20 && spot && !elementAt(spot); tries++) await after(100);
    const element = elementAt(spot);
    if (element) {
      if (text !== undefined) enter(element, text);
      element.focus({ preventScroll: true });
      try { element.setSelectionRange(start, end); } catch { /* this kind of element has no selection */ }
    }
    scrollTo(0, top);
    place = undefined;
  };
  const repeat = async () => {
    for (const [field, spot] of entered) enter(elementAt(spot), field.value);
    entered.clear();
    if (place) await returnToPlace();
    elementAt(clicked)?.click();
    clicked = undefined;
  };
  const notePlace = event => {
    if (!isStarting() || !event.target.matches('input:not([type=checkbox], [type=radio]), select, textarea')) return;
    if (event.type === 'input') entered.set(event.target, spotOf(event.target));
    place = placeOf();
  };
  addEventListener('input', event => {
    typedAt = performance.now();
    notePlace(event);
  }, true);
  addEventListener('focusin', notePlace);
  // Between two nodes, Blazor can't send what happens. What was typed is entered again later.
  for (const type of ['input', 'change', 'keydown', 'keyup'])
    addEventListener(type, event => { if (moving && isStarting()) event.stopImmediatePropagation(); }, true);

  // ---- the node of this page is about to stop: the browser gets the state of the page and continues with it on another node
  const isInUse = () => waiting || performance.now() - typedAt < 1500 || document.querySelector('dialog[open], .mud-dialog, .mud-popover-open, [data-stays]');
  const move = async patience => {
    if (moving) return;
    for (const end = performance.now() + patience; isInUse() && performance.now() < end;) await after(100);
    const losesDialog = !!document.querySelector('.mud-dialog');
    moving = true;
    delete root.dataset.ready;
    await Blazor.pauseCircuit().catch(() => {});
    for (let tries = 0; ; tries++) {
      try {
        if (!await resume()) return startAgain();
        break;
      } catch {
        if (tries === 20) return startAgain();
        await after(500);
      }
    }
    for (let tries = 0; tries < 100 && place; tries++) await after(100);
    place = undefined;
    moving = false;
    if (losesDialog) showNotice(reloadNotice.dataset.closed);
  };
  // A call of the node that the page has just left can't be answered any more. That node doesn't wait for the answer.
  addEventListener('unhandledrejection', event => {
    if (moving && event.reason?.message?.includes("connection is not in the 'Connected' State")) event.preventDefault();
  });

  // ---- sign-in with a passkey: a form sends what the browser signed. The field of the address offers passkeys, too, until the button is pressed.
  const passkeyForm = hasPasskeys() && document.querySelector('form[data-passkey]');
  let offering;
  const sendPasskey = async more => {
    const answer = await fetch(new URL(passkeyForm.dataset.passkey, document.baseURI), { method: 'POST', cache: 'no-store' });
    if (answer.status !== 200) return 'failed';
    const request = await answer.json();
    const { credential, fault } = await askPasskey('get', request.options, more);
    if (!credential) return fault;
    passkeyForm.elements['Passkey.Challenge'].value = request.challenge;
    passkeyForm.elements['Passkey.Credential'].value = credential;
    passkeyForm.requestSubmit();
  };
  const offerPasskeys = async () => {
    offering?.abort();
    const mine = offering = new AbortController();
    if (!await PublicKeyCredential.isConditionalMediationAvailable?.() || mine.signal.aborted) return;
    // The challenge is valid for five minutes.
    const renewing = setTimeout(offerPasskeys, 240000);
    mine.signal.addEventListener('abort', () => clearTimeout(renewing));
    await sendPasskey({ mediation: 'conditional', signal: mine.signal }).catch(() => {});
  };
  if (passkeyForm) {
    passkeyForm.hidden = false;
    if (passkeyForm.dataset.autofill) offerPasskeys();
    passkeyForm.addEventListener('submit', async event => {
      if (passkeyForm.elements['Passkey.Credential'].value) return;
      event.preventDefault();
      offering?.abort();
      const note = passkeyForm.querySelector('[role=alert]');
      note.hidden = true;
      const fault = await sendPasskey().catch(() => 'failed');
      if (!fault) return;
      note.textContent = passkeyForm.dataset.failed;
      note.hidden = fault === 'cancelled';
      if (passkeyForm.dataset.autofill) offerPasskeys();
    });
  }

  // ---- one-time links: the code follows the #, because browsers don't send that part. It leaves the address before the form is sent.
  const sendLinkCode = () => {
    const form = document.querySelector('form[data-link-code]');
    if (!form || location.hash.length < 2) return;
    form.querySelector('[name$=".Code"]').value = location.hash.slice(1);
    history.replaceState(history.state, '', location.pathname + location.search);
    form.requestSubmit();
  };
  addEventListener('hashchange', sendLinkCode);
  sendLinkCode();
})();
