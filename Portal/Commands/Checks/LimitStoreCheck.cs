using Portal.Authentication.SharedLimits;

namespace Portal.Commands.Checks;

/// <summary>Checks the store of the rate limits with the commands that Portal uses.</summary>
internal static class LimitStoreCheck
{
    private const string RateLimits = "rate limits";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<Finding> RunAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var exchange = services.GetRequiredService<LimitExchange>();
        if (!exchange.IsOn)
            return Finding.Ok(RateLimits, "No store is configured. Each node applies its share of each limit.");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await exchange.ProbeAsync(patience.Token);
            return Finding.Ok(RateLimits, "The store accepts the connection and the commands.");
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return Finding.Failure(RateLimits, $"The store can't be used ({LimitExchange.Describe(exception)}). Until it works, each node applies its share of each limit. Correct {LimitStoreOptions.Section}:{nameof(LimitStoreOptions.Store)}, or start the store. It must be Redis 6.2 or later, Valkey or Garnet.");
        }
    }
}
