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
        </head>
        <body>
            <div id="reference"></div>
            <noscript><p>This page needs JavaScript. The document itself is at <a href="{pathBase}{ServedDocument.Path}">{pathBase}{ServedDocument.Path}</a>.</p></noscript>
            <script src="{pathBase}{Path}/scalar.js"></script>
            <script src="{pathBase}/openapi.js"></script>
        </body>
        </html>
        """;

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
        var bytes = new byte[script.Length];
        script.ReadExactly(bytes);
        return new CompressedText(bytes, "text/javascript");
    }
}
