using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Accounts;

/// <summary>Whether the first administrator is still missing, and the setup code, which proves access to the server's log.</summary>
/// <remarks>Until there is a user, each start generates a new code. It is kept only in memory.</remarks>
public sealed partial class FirstRun(ILogger<FirstRun> logger)
{
    /// <summary>The label of the code in the log, which is in English.</summary>
    public const string CodeLabel = "Setup code:";

    private const string CodeCharacters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int CodeLength = 16;
    private volatile string? _code;

    public bool IsPending => _code is not null;

    /// <summary>Compares the code in constant time, ignoring case, spaces and hyphens.</summary>
    public bool IsCode(string? entered)
    {
        var normal = string.Concat((entered ?? "").Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return _code is { } code && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(normal), Encoding.ASCII.GetBytes(code));
    }

    internal void Complete() => _code = null;

    internal async Task PrepareAsync(PortalDbContext context)
    {
        if (await context.Users.AnyAsync())
            return;
        _code = RandomNumberGenerator.GetString(CodeCharacters, CodeLength);
        LogCode(string.Join('-', _code.Chunk(4).Select(part => new string(part))));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no administrator yet. Open the address below and enter this code to create one. " + CodeLabel + " {Code}")]
    private partial void LogCode(string code);
}
