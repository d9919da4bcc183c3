using System.IO.Compression;
using System.Text;
using Scalar.AspNetCore;

namespace Portal.Api.Document;

/// <summary>The page on which users read the document and try requests. It uses Scalar from its package and loads nothing from other sites.</summary>
/// <remarks>The package's own page starts with an inline script, which Portal's content security policy blocks, and declares no language.
/// The settings are in <c>wwwroot/openapi.js</c>.</remarks>
internal static class ReferencePage
{
    public const string Path = "/openapi";

    /// <param name="pathBase">The path prefix of Portal; empty: none.</param>
    private static string Page(string pathBase) =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <title>API – Portal</title>
            <base href="{pathBase}/" />
            <link rel="icon" type="image/svg+xml" href="favicon.svg" />
            <link rel="stylesheet" href="openapi.css" />
        </head>
        <body>
            <nav class="portal-bar" aria-label="Portal">
                <a class="portal-home" href="tokens"><img src="favicon.svg" alt="" width="24" height="24" />Portal</a>
                <span class="portal-here">API reference</span>
                <a class="portal-back" href="integrations">Back to Portal</a>
            </nav>
            <div id="reference"></div>
            <noscript><p>This page needs JavaScript. The document itself is at <a href="{pathBase}{ServedDocument.Path}">{pathBase}{ServedDocument.Path}</a>.</p></noscript>
            <script src="{pathBase}{Path}/scalar.js"></script>
            <script src="{pathBase}/openapi.js"></script>
        </body>
        </html>
        """;

    /// <summary>What Scalar shows in place of a key, in the field and in the examples: a joke, and a key without its scheme.</summary>
    private static readonly string[] Placeholders = ["QUxMIFlPVVIgQkFTRSBBUkUgQkVMT05HIFRPIFVT", "YOUR_SECRET_TOKEN"];

    /// <summary>Scalar's validation library otherwise tries whether it may generate code. The security policy blocks that, and Firefox reports it as an
    /// error.</summary>
    private const string Prologue = "globalThis.__zod_globalConfig = { jitless: true };\n";

    /// <summary>Null: the package no longer contains a file with this name.</summary>
    private static readonly CompressedText? Script = ReadScript();

    public static IResult Answer(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Content(Page(context.Request.PathBase.ToUriComponent()), "text/html; charset=utf-8");
    }

    public static IResult AnswerScript(HttpContext context) =>
        Script?.Answer(context) ?? throw new InvalidOperationException("The package Scalar.AspNetCore holds no script.");

    private static CompressedText? ReadScript()
    {
        using var script = typeof(ScalarOptions).Assembly.GetManifestResourceStream("ScalarStaticAssets.scalar.js");
        if (script is null)
            return null;
        using var reader = new StreamReader(new GZipStream(script, CompressionMode.Decompress), Encoding.UTF8);
        var text = new StringBuilder(Prologue).Append(reader.ReadToEnd());
        foreach (var placeholder in Placeholders)
            text.Replace(placeholder, "ApiKey SU-…:…");
        return CompressedText.Of(Encoding.UTF8.GetBytes(text.ToString()), "text/javascript", CompressionLevel.Optimal);
    }
}
