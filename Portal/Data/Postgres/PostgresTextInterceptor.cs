using System.Buffers;
using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Portal.Data.Postgres;

/// <summary>Replaces the characters that PostgreSQL can't store: NUL, and halves of surrogate pairs. SQLite accepts every text, so a search for one of them
/// finds nothing there, and here as well.</summary>
internal sealed class PostgresTextInterceptor : DbCommandInterceptor
{
    public static readonly PostgresTextInterceptor Instance = new();

    private const char Replacement = '\uFFFD';

    private static readonly SearchValues<char> Suspects = SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(code => (char)code), '\0']);

    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        foreach (DbParameter parameter in result.Parameters)
            parameter.Value = parameter.Value switch
            {
                string text => Storable(text),
                IEnumerable<string> texts when texts.Any(text => text.AsSpan().ContainsAny(Suspects)) => texts.Select(Storable).ToArray(),
                var other => other,
            };
        return result;
    }

    internal static string Storable(string text)
    {
        if (!text.AsSpan().ContainsAny(Suspects))
            return text;
        var storable = new StringBuilder(text.Length);
        // This replaces halves of surrogate pairs.
        foreach (var rune in text.EnumerateRunes())
            storable.Append(rune.Value == 0 ? new Rune(Replacement) : rune);
        return storable.ToString();
    }
}
