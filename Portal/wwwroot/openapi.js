// Shows the OpenAPI document. No other server is contacted, and a key that is typed in is dropped with the page.
(() => {
    'use strict';
    const chosen = document.cookie.match(/(?:^|; )(?:__Host-)?portal-theme=(light|dark)/)?.[1];
    const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;

    // Scalar's own colours have too little contrast (WCAG 2.2 AA).
    const customCss = `
        .light-mode { --scalar-color-3: #666; --scalar-color-green: #00714a; --scalar-color-red: #c40000; --scalar-color-orange: #b03a00;
            --scalar-color-yellow: #7d5f00; --scalar-color-blue: #0063ad; }
        .dark-mode { --scalar-color-3: #9a9a9a; --scalar-color-red: #ff6b6b; }
        /* No links to other sites. */
        a[href^="https://scalar.com"] { display: none !important; }`;

    Scalar.createApiReference('#reference', {
        // Relative to this page: Portal may be below a path of its host.
        url: new URL('openapi/v1.json', document.baseURI).href,
        persistAuth: false,
        telemetry: false,
        withDefaultFonts: false,
        agent: { disabled: true },
        mcp: { disabled: true },
        showDeveloperTools: 'never',
        hideClientButton: true,
        forceDarkModeState: dark ? 'dark' : 'light',
        hideDarkModeToggle: true,
        customCss,
        defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
    });
})();
