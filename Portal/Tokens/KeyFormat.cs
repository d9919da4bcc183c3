using System.Diagnostics;

namespace Portal.Tokens;

/// <summary>A form in which a user can copy a key.</summary>
public enum KeyFormat
{
    /// <summary>The value of the header <c>Authorization</c>: <c>ApiKey SU-160-984-311:…</c>.</summary>
    HeaderValue,

    /// <summary>Without the scheme: <c>SU-160-984-311:…</c>.</summary>
    KeyOnly,

    /// <summary>A command line that sends a request, see <see cref="ExampleCommand"/>.</summary>
    Curl,

    /// <summary>A line of an <c>.env</c> file: <c>PORTAL_API_KEY=SU-160-984-311:…</c>.</summary>
    EnvironmentLine,

    /// <summary>The handle, which isn't secret: <c>SU-160-984-311</c>.</summary>
    Handle,
}

/// <summary>Writes keys in the forms of <see cref="KeyFormat"/>.</summary>
public static class KeyFormats
{
    /// <summary>The name of the variable in an <c>.env</c> file.</summary>
    public const string Variable = "PORTAL_API_KEY";

    /// <param name="command">Creates the command line from the header value.</param>
    public static string Write(this ApiKey key, KeyFormat format, Func<string, string> command) => format switch
    {
        KeyFormat.HeaderValue => key.ToHeaderValue(),
        KeyFormat.KeyOnly => WithoutScheme(key),
        KeyFormat.Curl => command(key.ToHeaderValue()),
        KeyFormat.EnvironmentLine => $"{Variable}={WithoutScheme(key)}",
        KeyFormat.Handle => key.Handle,
        _ => throw new UnreachableException(),
    };

    private static string WithoutScheme(ApiKey key) => key.ToHeaderValue()[(ApiKey.Scheme.Length + 1)..];
}
