using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Data.Nodes;

namespace Portal.Accounts;

/// <summary>Whether the first administrator is still missing, and the setup code, which proves access to the server's log.</summary>
/// <remarks>Until there is a user, each start generates a new code, which is kept only in memory. Several nodes share one code, which is stored with their
/// keys, encrypted by the key ring. A node that serves no pages has no code.</remarks>
public sealed partial class FirstRun(
    IDbContextFactory<PortalDbContext> contexts, IKeyStore keys, IDataProtectionProvider protection, IConfiguration configuration, ILogger<FirstRun> logger)
{
    /// <summary>The label of the code in the log, which is in English.</summary>
    public const string CodeLabel = "Setup code:";

    private const string CodeCharacters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int CodeLength = 16;
    private const string StoredCode = "setup-code";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Accounts.FirstRun.v1");
    private volatile string? _code;
    private long _lookedAt;

    public bool IsPending => _code is not null;

    /// <summary>Compares the code in constant time, ignoring case, spaces and hyphens.</summary>
    public bool IsCode(string? entered)
    {
        var normal = string.Concat((entered ?? "").Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return _code is { } code && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(normal), Encoding.ASCII.GetBytes(code));
    }

    internal void Complete()
    {
        _code = null;
        if (keys.IsShared)
            keys.Remove(StoredCode);
    }

    /// <summary>Finds out whether the setup was completed on another node.</summary>
    internal async Task LookForUsersAsync(CancellationToken cancellation = default)
    {
        if (!keys.IsShared || Stopwatch.GetElapsedTime(Volatile.Read(ref _lookedAt)) < BetweenLooks)
            return;
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (await context.Users.AnyAsync(cancellation))
            _code = null;
        // Only now: a request that arrives during the look must not rely on an earlier one.
        Volatile.Write(ref _lookedAt, Stopwatch.GetTimestamp());
    }

    internal async Task PrepareAsync(PortalDbContext context)
    {
        if (await context.Users.AnyAsync())
            return;
        if (ProcessRoleSetting.Load(configuration) == ProcessRole.Gateway)
        {
            LogNoPages();
            return;
        }

        _code = keys.IsShared ? SharedCode() : NewCode();
        LogCode(string.Join('-', _code.Chunk(4).Select(part => new string(part))));
    }

    private static string NewCode() => RandomNumberGenerator.GetString(CodeCharacters, CodeLength);

    /// <summary>The code of the first node that started.</summary>
    private string SharedCode()
    {
        var code = NewCode();
        keys.RunAlone(() =>
        {
            if (keys.Read(StoredCode, "") is [var stored] && Decrypt(stored.Content) is { } earlier)
                code = earlier;
            else
                keys.Write(StoredCode, _protector.Protect(Encoding.ASCII.GetBytes(code)));
        });
        return code;
    }

    /// <returns>Null: the key ring is another one, for example because its former keys were removed.</returns>
    private string? Decrypt(byte[] stored)
    {
        try
        {
            return Encoding.ASCII.GetString(_protector.Unprotect(stored));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no administrator yet, and this node serves no pages. A node with " + ProcessRoleSetting.Name + " Screens or All shows the code with which you create one")]
    private partial void LogNoPages();

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no administrator yet. Open the address below and enter this code to create one. " + CodeLabel + " {Code}")]
    private partial void LogCode(string code);
}
