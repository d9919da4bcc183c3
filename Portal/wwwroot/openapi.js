// Shows the API's document. Nothing is asked of another server, and a key that is typed in is gone with the page.
(() => {
    'use strict';
    const chosen = document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1];
    const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;

    Scalar.createApiReference('#reference', {
        url: '/openapi/v1.json',
        persistAuth: false,
        telemetry: false,
        withDefaultFonts: false,
        agent: { disabled: true },
        mcp: { disabled: true },
        showDeveloperTools: 'never',
        hideClientButton: true,
        forceDarkModeState: dark ? 'dark' : 'light',
        hideDarkModeToggle: true,
        defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
    });
})();
