using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Audit;
using Portal.Data;
using Portal.Tokens;

namespace Portal.Bench.Seeds;

/// <summary>Fills the audit log of a data directory with the entries of a year, in which a few people change many tokens.</summary>
internal static class AuditSeed
{
    public const int Actors = 200, Targets = 20_000, Addresses = 5_000;

    /// <summary>The number of arguments after which <see cref="ActionOf"/> repeats itself. It returns frequent actions for more of them.</summary>
    public const int Actions = 20;

    /// <summary>The number of entries in a transaction.</summary>
    private const int AtOnce = 10_000;

    private const int SecondsOfYear = 365 * 24 * 60 * 60;

    public static string ActorOf(int i) => $"actor-{i % Actors}";

    public static string TargetOf(int i) => $"SU-{i % Targets:000000}";

    public static string AddressOf(int i) => $"10.0.{i % Addresses / 250}.{i % Addresses % 250}";

    public static string ActionOf(int i) => (i % Actions) switch
    {
        0 => AuditAction.TokenCreated,
        1 => TokenAction.Rotate.AuditCode,
        2 => AuditAction.UserSignInFailed,
        < 8 => AuditAction.UserSignedIn,
        _ => AuditAction.TokenUpdated,
    };

    /// <param name="start">The time of the first entry, in UTC. The last one is a year later.</param>
    public static async Task CreateAsync(IServiceProvider services, int entries, DateTime start)
    {
        await using var context = await services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        for (var first = 0; first < entries; first += AtOnce)
        {
            var count = Math.Min(AtOnce, entries - first);
            context.AuditEntries.AddRange(Enumerable.Range(first, count).Select(i => EntryAt(start.AddSeconds((double)SecondsOfYear * i / entries))));
            await context.SaveChangesAsync();
            context.ChangeTracker.Clear();
        }
    }

    private static AuditEntry EntryAt(DateTime at) => new()
    {
        AccountId = Seed.Actor.AccountId,
        At = at,
        ActorKind = "user",
        ActorId = ActorOf(RandomNumberGenerator.GetInt32(Actors)),
        ActorName = "Someone",
        Action = ActionOf(RandomNumberGenerator.GetInt32(Actions)),
        TargetId = TargetOf(RandomNumberGenerator.GetInt32(Targets)),
        TargetName = "A token",
        Address = AddressOf(RandomNumberGenerator.GetInt32(Addresses)),
        Details = """{"description":["before","after"]}""",
    };
}
