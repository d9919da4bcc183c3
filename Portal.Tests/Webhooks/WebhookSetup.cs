using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Webhooks;

namespace Portal.Tests.Webhooks;

/// <summary>A portal with an endpoint, for tests of deliveries.</summary>
internal static class WebhookSetup
{
    /// <summary>Lets Portal send to this machine.</summary>
    public static Dictionary<string, string?> Local => new() { ["Webhooks:AllowedNetworks:0"] = "127.0.0.0/8" };

    public static WebhookInput Input(string url, params string[] events) => new(url, null, events, []);

    /// <returns>The ID and the secret of the endpoint.</returns>
    public static async Task<(long Id, string Secret)> AddEndpointAsync(this TestPortal portal, string url, params string[] events)
    {
        var done = Assert.IsType<WebhookOutcome.Done>(await portal.Webhooks().AddAsync(portal.Administrator, Input(url, events), TestContext.Current.CancellationToken));
        return (done.EndpointId, done.Secret!);
    }

    public static WebhookService Webhooks(this TestPortal portal) => portal.Services.GetRequiredService<WebhookService>();

    public static async Task<WebhookEntry> EndpointAsync(this TestPortal portal, long id) =>
        (await portal.Services.GetRequiredService<WebhookReader>().FindAsync(portal.Administrator, id, TestContext.Current.CancellationToken))!;

    public static Task<int> DispatchAsync(this TestPortal portal) => portal.Services.GetRequiredService<WebhookDispatcher>().DispatchAsync(TestContext.Current.CancellationToken);

    public static Task<int> SendAsync(this TestPortal portal) => portal.Services.GetRequiredService<WebhookSender>().SendAsync(TestContext.Current.CancellationToken);

    /// <summary>Sends everything that is due now.</summary>
    public static async Task<int> DeliverAsync(this TestPortal portal)
    {
        await portal.DispatchAsync();
        var sent = 0;
        while (await portal.SendAsync() is > 0 and var some)
            sent += some;
        return sent;
    }

    public static async Task<List<WebhookDelivery>> DeliveriesAsync(this TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await context.WebhookDeliveries.AsNoTracking().OrderBy(delivery => delivery.Id).ToListAsync(TestContext.Current.CancellationToken);
    }

    public static async Task<List<WebhookAttempt>> AttemptsAsync(this TestPortal portal)
    {
        await using var context = await portal.OpenAsync();
        return await context.WebhookAttempts.AsNoTracking().OrderBy(attempt => attempt.Id).ToListAsync(TestContext.Current.CancellationToken);
    }
}
