using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;

namespace Portal.Tests.Tokens.Bulk;

/// <summary>Shortcuts for tests of bulk actions.</summary>
internal static class BulkData
{
    public static readonly Guid Id = Guid.Parse("0190c8a0-0000-7000-8000-000000000001");

    public static BulkRunner Runner(this TestPortal portal) => portal.Services.GetRequiredService<BulkRunner>();

    public static async Task<IReadOnlyList<BulkToken>> SelectedAsync(this TestPortal portal, TokenAction action, params string[] handles)
    {
        var found = (await portal.Reader.ReadBulkAsync(portal.Administrator, action, BulkSelection.Of(handles))).Tokens;
        return [.. handles.Select(handle => found.Single(token => token.Handle == handle))];
    }

    public static async Task<string[]> CreateManyAsync(this TestPortal portal, int count)
    {
        var handles = new string[count];
        for (var i = 0; i < count; i++)
            handles[i] = (await portal.CreateAsync(name: $"Token {i + 1}")).Handle;
        return handles;
    }

    /// <summary>Runs an action as <see cref="Id"/>, and returns the results.</summary>
    public static async Task<(BulkEnd End, List<BulkResult> Results)> RunBulkAsync(
        this TestPortal portal, Actor actor, BulkOrder order, IReadOnlyList<BulkToken> tokens, Action<BulkResult>? report = null, CancellationToken stop = default)
    {
        var results = new List<BulkResult>();
        var end = await portal.Runner().RunAsync(actor with { BulkId = Id }, order, tokens, result =>
        {
            results.Add(result);
            report?.Invoke(result);
        }, stop);
        return (end, results);
    }

    /// <summary>Stores tokens without keys, and without the service, which would take too long for thousands.</summary>
    public static async Task StoreManyAsync(this TestPortal portal, int count)
    {
        await using var context = await portal.OpenAsync();
        context.Tokens.AddRange(Enumerable.Range(0, count).Select(i =>
        {
            var handle = $"SU-{i / 1_000_000:000}-{i / 1000 % 1000:000}-{i % 1000:000}";
            return new Token
            {
                AccountId = TestPortal.Account, Handle = handle, CreationId = Guid.CreateVersion7(), Name = $"Token {i}", NameKey = $"TOKEN {i}",
                SearchText = $"TOKEN {i}", ExtensionId = "EXT-000", ExtensionName = "custom", Status = StoredStatus.Active, ExpiresAt = portal.Now.AddDays(90),
                CreatedAt = portal.Now, CreatedById = "x", CreatedByName = "x", UpdatedAt = portal.Now, UpdatedById = "x", UpdatedByName = "x",
                Version = Guid.CreateVersion7(),
            };
        }));
        await context.SaveChangesAsync();
    }

    /// <summary>Records that a token was used, with requests on the days before today.</summary>
    /// <param name="requests">The requests today, yesterday and so on.</param>
    public static async Task UseAsync(this TestPortal portal, string handle, TimeSpan ago, params long[] requests)
    {
        await using var context = await portal.OpenAsync();
        var token = context.Tokens.Single(token => token.Handle == handle);
        token.LastUsedAt = portal.Now - ago;
        context.AddRange(requests.Select((count, day) => new DailyCount
        {
            TokenId = token.Id, Day = DateOnly.FromDateTime(portal.Now).AddDays(-day), ModuleId = TestTokens.Agreements, StatusCode = 200, Reason = "", Count = count,
        }).Where(count => count.Count > 0));
        await context.SaveChangesAsync();
    }
}
