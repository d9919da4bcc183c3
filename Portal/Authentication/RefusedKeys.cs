using System.Net;
using Portal.Catalog;
using Portal.Data;
using Portal.Statistics;
using Portal.Statistics.Export;

namespace Portal.Authentication;

/// <summary>Identifies a key that was refused.</summary>
/// <param name="Handle">See <see cref="Tokens.ApiKey.NumberOf"/>.</param>
/// <param name="Id">See <see cref="SentKey.IdOf"/>; 0 if there is no key.</param>
internal readonly record struct RefusedKey(int Handle, ulong Id)
{
    public bool IsNone => Id == 0;
}

/// <summary>A request whose key was refused, as <see cref="RequestRecorder.Count"/> gets it.</summary>
internal readonly record struct RefusedRequest(RefusedKey Key, DateTime At, Module? Module, int Status, IPAddress? Address, string? Client, ServedRequest Served)
{
    /// <summary>The number of characters that it keeps in memory.</summary>
    public int Length => (Served.Path?.Length ?? 0) + (Client?.Length ?? 0);
}

/// <summary>Finds the retired keys among those that were refused, and counts their requests.</summary>
/// <remarks>Runs after the response, when the counts are written. While the request is served, all refused keys are treated alike, so that the time
/// doesn't reveal that a key was once right.</remarks>
internal sealed class RefusedKeys(KnownSecrets secrets, CredentialCache cache, RequestCounters counters, VerificationMetrics metrics, RequestExport export, MonotonicClock clock)
    : IUncountedRequests
{
    /// <summary>The maximum number of requests that wait. They are counted four times a second, so more are a flood of wrong keys.</summary>
    internal const int MostWaiting = 50_000;

    /// <summary>The maximum number of characters that they keep in memory. Further ones are counted without details.</summary>
    internal const int MostCharacters = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private List<RefusedRequest> _waiting = [];
    private int _characters;

    /// <summary>Keeps the request until it is counted. Ignores a request without a key.</summary>
    public void Add(in RefusedRequest request)
    {
        if (request.Key.IsNone)
            return;
        lock (_lock)
        {
            if (_waiting.Count < MostWaiting)
            {
                _waiting.Add(_characters < MostCharacters ? request : request with { Client = null, Served = default });
                _characters += request.Length;
                return;
            }
        }

        metrics.Judged(VerificationOutcome.OfRefusedKey(request.Status, isRetired: false));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CountAsync(CancellationToken cancellation)
    {
        var requests = Take();
        for (var i = 0; i < requests.Count; i++)
            try
            {
                metrics.Judged(VerificationOutcome.OfRefusedKey(requests[i].Status, await TryCountAsync(requests[i], cancellation)));
            }
            catch (Exception exception) when (exception is OperationCanceledException || DatabaseErrors.Find(exception) is not null)
            {
                GiveBack(requests[i..]);
                cancellation.ThrowIfCancellationRequested();
                return false;
            }

        return true;
    }

    /// <returns>Whether the key is a retired one.</returns>
    private async ValueTask<bool> TryCountAsync(RefusedRequest request, CancellationToken cancellation)
    {
        var key = request.Key;
        if (!secrets.MayBeRetired(key)
            || (cache.TryGet(key.Handle, out var known) ? known : await cache.LoadAsync(key.Handle, cancellation)) is not { } credential
            || credential.FindRetired(key.Id, request.At) is not { } secretId)
            return false;
        var began = clock.ToStorableTime(request.At);
        counters.CountRetired(
            new CountKey(credential.TokenId, DateOnly.FromDateTime(began), request.Module?.Id ?? "", request.Status, CountReason.RetiredKey) { Hour = (byte)began.Hour },
            new Use(secretId, began + (request.Served.Duration ?? TimeSpan.Zero), request.Address, "", request.Client), request.Served);
        if (export.IsOn && request.Served is { Method: { } method } served)
            export.Add(new ExportedRequest(
                began, credential.Handle, method, served.Path, request.Module?.Id ?? "", request.Status, CountReason.RetiredKey, served.Duration, served.RequestId, request.Address));
        return true;
    }

    private List<RefusedRequest> Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
                return [];
            var taken = _waiting;
            (_waiting, _characters) = ([], 0);
            return taken;
        }
    }

    private void GiveBack(List<RefusedRequest> rest)
    {
        lock (_lock)
        {
            _waiting.InsertRange(0, rest);
            _characters += rest.Sum(request => request.Length);
        }
    }
}
