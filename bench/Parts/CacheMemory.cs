using Portal.Authentication;
using Portal.Bench.Seeds;
using Portal.Tokens;

namespace Portal.Bench.Parts;

/// <summary>The heap memory that a token takes, measured in Portal's own cache.</summary>
/// <param name="BytesOfCredential">Bytes in <see cref="CredentialCache"/>.</param>
/// <param name="BytesOfSecret">Bytes in <see cref="KnownSecrets"/>.</param>
internal sealed record CacheMemory(double BytesOfCredential, double BytesOfSecret)
{
    /// <summary>The number of tokens that are loaded before, so that one-time allocations aren't counted.</summary>
    private const int First = 100;

    /// <param name="dataDirectory">A directory with this many seeded tokens, which no Portal uses.</param>
    public static async Task<CacheMemory> MeasureAsync(string program, string dataDirectory, int tokens)
    {
        await using var app = await PortalServices.OpenAsync(program, dataDirectory);
        var (cache, secrets) = (app.Services.GetRequiredService<CredentialCache>(), app.Services.GetRequiredService<KnownSecrets>());
        await LoadAsync(cache, 0, First);
        var before = Heap();
        await secrets.ReadAsync(CancellationToken.None);
        var withSecrets = Heap();
        await LoadAsync(cache, First, tokens - First);
        var withAll = Heap();
        Check(cache, tokens);
        return new CacheMemory((double)(withAll - withSecrets) / (tokens - First), (double)(withSecrets - before) / tokens);
    }

    private static Task LoadAsync(CredentialCache cache, int first, int count) =>
        Parallel.ForEachAsync(Enumerable.Range(first, count), async (i, cancellation) =>
            await cache.LoadAsync(ApiKey.NumberOf(SeededKeys.At(i).Handle), cancellation));

    /// <exception cref="BenchException">A token is missing, so the figure would be too small.</exception>
    private static void Check(CredentialCache cache, int tokens)
    {
        for (var i = 0; i < tokens; i++)
            if (!cache.TryGet(ApiKey.NumberOf(SeededKeys.At(i).Handle), out _))
                throw new BenchException($"Token {i} is not in the cache.");
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
