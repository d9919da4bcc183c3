using Portal.Webhooks;

namespace Portal.Bench.Seeds;

/// <summary>Fills a data directory for the scripts in the folder <c>lifecycle</c>: tokens, an administrator and a webhook.</summary>
internal static class LifecycleSeed
{
    /// <param name="webhook">The address of the endpoint, which gets all events.</param>
    public static async Task CreateAsync(string program, string dataDirectory, int tokens, string webhook)
    {
        await Seed.CreateAsync(program, dataDirectory, tokens);
        await SeededUser.CreateAsync(program, dataDirectory);
        await using var app = await PortalServices.OpenAsync(program, dataDirectory);
        if (await app.Services.GetRequiredService<WebhookService>().AddAsync(Seed.Actor, new WebhookInput(webhook, null, [], [])) is not WebhookOutcome.Done)
            throw new BenchException("The webhook could not be added. Set Webhooks__AllowedNetworks__0 to its network.");
    }
}
