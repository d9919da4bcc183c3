using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Api.Idempotency;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api.Bulk;

/// <summary>Bulk actions that are interrupted, and their repetition with an idempotency key.</summary>
public sealed class BulkInterruptionTests
{
    [Fact]
    public async Task Bulk_ClientLeaves_StopsAndKeepsWhatIsDone()
    {
        var (saves, abort) = (new SaveInterruption(), new AbortWatch());
        await using var portal = await StartAsync(saves, abort);
        var caller = await portal.CreateTokenAsync();
        var tokens = await CreateAsync(portal, 3);
        using var client = new CancellationTokenSource();
        saves.BeforeNextSave(() => Task.CompletedTask);
        saves.BeforeNextSave(async () =>
        {
            await client.CancelAsync();
            await abort.Aborted;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(portal, caller, Body("deactivate", tokens), null, client.Token));
        await abort.Ended;

        Assert.Equal([false, true, true], await AcceptedAsync(portal, tokens));
    }

    [Fact]
    public async Task Bulk_ClientLeavesAndRepeats_GoesOnWhereItEnded()
    {
        var (saves, abort) = (new SaveInterruption(), new AbortWatch());
        await using var portal = await StartAsync(saves, abort);
        var caller = await portal.CreateTokenAsync();
        var tokens = await CreateAsync(portal, 3);
        using var client = new CancellationTokenSource();
        // The call itself and the first token are saved; the second one is not.
        saves.BeforeNextSave(() => Task.CompletedTask);
        saves.BeforeNextSave(() => Task.CompletedTask);
        saves.BeforeNextSave(async () =>
        {
            await client.CancelAsync();
            await abort.Aborted;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(portal, caller, Body("rotate", tokens), "the-key", client.Token));
        await abort.Ended;
        Assert.Equal([false, true, true], await AcceptedAsync(portal, tokens));

        var repeated = await Answer.OfAsync(SendAsync(portal, caller, Body("rotate", tokens), "the-key"));
        var again = await Answer.OfAsync(SendAsync(portal, caller, Body("rotate", tokens), "the-key"));

        Assert.Equal(("true", repeated.Body), (repeated.Replayed, again.Body));
        Assert.Equal(3, repeated.Json.GetProperty("succeeded").GetInt32());
        foreach (var item in repeated.Json.GetProperty("results").EnumerateArray())
            Assert.True(await portal.IsAcceptedAsync(item.GetProperty("token").TextOf("token")));
        await using var context = await portal.ContextAsync();
        Assert.Equal(4 + 3, await context.TokenSecrets.CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Bulk_OneMeetsAFault_TheOthersKeysStillArrive()
    {
        var saves = new SaveInterruption();
        await using var portal = await StartAsync(saves, new AbortWatch());
        var caller = await portal.CreateTokenAsync();
        var tokens = await CreateAsync(portal, 3);
        saves.BeforeNextSave(() => Task.CompletedTask);
        saves.BeforeNextSave(() => throw new InvalidOperationException("A disk that fails."));

        var answer = await Answer.OfAsync(SendAsync(portal, caller, Body("rotate", tokens), null));

        Assert.Equal([200, 500, 200], answer.Json.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("status").GetInt32()));
        Assert.Equal("SRV_001", answer.Json.GetProperty("results")[1].TextOf("error_code"));
        Assert.Equal([false, true, false], await AcceptedAsync(portal, tokens));
        Assert.Contains("A disk that fails.", portal.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("A disk that fails.", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bulk_ByQueryRepeated_IsAboutTheSameTokens()
    {
        await using var portal = await StartAsync(new SaveInterruption(), new AbortWatch());
        var caller = await portal.CreateTokenAsync();
        await CreateAsync(portal, 2);
        var body = $$"""{"action":"rotate","overlap":"PT1H","query":"and(status=active,ne(id,{{caller.Handle}}))"}""";

        var first = await Answer.OfAsync(SendAsync(portal, caller, body, "the-key"));
        var again = await Answer.OfAsync(SendAsync(portal, caller, body, "the-key"));

        // No token is active any more: each has two live keys.
        Assert.Equal(2, first.Json.GetProperty("succeeded").GetInt32());
        Assert.Equal(first with { Replayed = "true" }, again);
        await SendAsync(portal, caller, Body("rotate", [caller]), "the-key").RefusedAsync(HttpStatusCode.UnprocessableEntity, "IDEM_001");
    }

    [Fact]
    public async Task Bulk_RepeatedWithAnotherKeyOfTheCaller_IsTold()
    {
        await using var portal = await StartAsync(new SaveInterruption(), new AbortWatch());
        var caller = await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddDays(5));
        List<ApiKey> tokens = [await portal.CreateTokenAsync(portal.Clock.GetUtcNow().UtcDateTime.AddDays(2))];
        var first = await Answer.OfAsync(SendAsync(portal, caller, Body("rotate", tokens), "the-key"));
        var next = await portal.RenewAsync(caller, portal.Clock.GetUtcNow().UtcDateTime.AddDays(50));

        Assert.Contains("If you don't have the new keys, rotate the tokens", await SendAsync(portal, next, Body("rotate", tokens), "the-key").RefusedAsync(HttpStatusCode.UnprocessableEntity, "IDEM_003"), StringComparison.Ordinal);
        Assert.True(await portal.IsAcceptedAsync(first.Json.GetProperty("results")[0].GetProperty("token").TextOf("token")));
    }

    private static async Task<PortalHost> StartAsync(SaveInterruption saves, AbortWatch abort)
    {
        var portal = new PortalHost("Development", configure: builder => builder.ConfigureServices(services =>
        {
            saves.Register(services);
            services.AddSingleton<IStartupFilter>(abort);
        }));
        await portal.InitializeAsync();
        return portal;
    }

    private static async Task<List<ApiKey>> CreateAsync(PortalHost portal, int count)
    {
        var keys = new List<ApiKey>();
        for (var i = 0; i < count; i++)
            keys.Add(await portal.CreateTokenAsync());
        return keys;
    }

    private static async Task<List<bool>> AcceptedAsync(PortalHost portal, List<ApiKey> keys)
    {
        var accepted = new List<bool>();
        foreach (var key in keys)
            accepted.Add(await portal.IsAcceptedAsync(key.ToHeaderValue()));
        return accepted;
    }

    private static string Body(string action, List<ApiKey> keys) =>
        $$"""{"action":"{{action}}","ids":[{{string.Join(',', keys.Select(key => $"\"{key.Handle}\""))}}]}""";

    private static Task<HttpResponseMessage> SendAsync(
        PortalHost portal, ApiKey caller, string body, string? key, CancellationToken cancellation = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, TokensPath + "/bulk") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", caller.ToHeaderValue());
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return portal.Client.SendAsync(request, cancellation);
    }

    /// <summary>Observes a bulk request: that its client has left, and that it has ended.</summary>
    private sealed class AbortWatch : IStartupFilter
    {
        private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Aborted => _aborted.Task;
        public Task Ended => _ended.Task;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (HttpContext context, RequestDelegate go) =>
            {
                if (!context.Request.Path.Value!.EndsWith("/bulk", StringComparison.Ordinal))
                {
                    await go(context);
                    return;
                }

                await using var watch = context.RequestAborted.Register(() => _aborted.TrySetResult());
                await go(context);
                _ended.TrySetResult();
            });
            next(app);
        };
    }
}
