using Portal.Authentication;
using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>The heap memory that a token takes, measured in Portal's own cache.</summary>
/// <param name="BytesOfCredential">Bytes in <see cref="CredentialCache"/>.</param>
/// <param name="BytesOfHandle">Bytes in <see cref="KnownHandles"/>.</param>
internal sealed record CacheMemory(double BytesOfCredential, double BytesOfHandle)
{
    /// <summary>The number of tokens that are loaded before, so that one-time allocations aren't counted.</summary>
    private const int First = 100;

    /// <param name="dataDirectory">A directory with this many seeded tokens, which no Portal uses.</param>
    public static async Task<CacheMemory> MeasureAsync(string program, string dataDirectory, int tokens)
    {
        await using var app = await PortalServices.OpenAsync(program, dataDirectory);
        var (cache, handles) = (app.Services.GetRequiredService<CredentialCache>(), app.Services.GetRequiredService<KnownHandles>());
        await LoadAsync(cache, 0, First);
        var before = Heap();
        await handles.LoadAsync(CancellationToken.None);
        var withHandles = Heap();
        await LoadAsync(cache, First, tokens - First);
        var withAll = Heap();
        Check(cache, tokens);
        return new CacheMemory((double)(withAll - withHandles) / (tokens - First), (double)(withHandles - before) / tokens);
    }

    private static Task LoadAsync(CredentialCache cache, int first, int count) =>
        Parallel.ForEachAsync(Enumerable.Range(first, count), async (i, cancellation) =>
            await cache.LoadAsync(SeededKeys.At(i).Handle, cancellation));

    /// <exception cref="BenchException">A token is missing, so the figure would be too small.</exception>
    private static void Check(CredentialCache cache, int tokens)
    {
        for (var i = 0; i < tokens; i++)
            if (!cache.TryGet(SeededKeys.At(i).Handle, out var credential) || credential is null)
                throw new BenchException($"Token {i} is not in the cache.");
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
