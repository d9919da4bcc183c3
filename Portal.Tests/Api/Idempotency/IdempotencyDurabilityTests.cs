using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api.Idempotency;

/// <summary>What is remembered and for how long, with concurrent requests and after a crash.</summary>
[Slow]
public sealed class IdempotencyDurabilityTests
{
    private const string Body = """{"name":"Only one","extension":{"id":"EXT-000"}}""";

    [Fact]
    public async Task Create_TwentyAtOnce_MakeOneToken()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var caller = await portal.CreateTokenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Answer.OfAsync(CreateAsync(portal, caller))));

        var made = answers.Where(answer => answer.Status == HttpStatusCode.Created).ToList();
        Assert.Single(made, answer => answer.Replayed is null);
        Assert.Single(made.Select(answer => answer.Body).Distinct());
        Assert.All(answers.Except(made), answer => Assert.Equal((HttpStatusCode.Conflict, "IDEM_002"), (answer.Status, answer.Json.TextOf("error_code"))));
        Assert.Equal(1, await CountAsync(portal));
    }

    [Fact]
    public async Task Repeat_WhileTheFirstIsWorkedOn_IsToldToWait()
    {
        var (saves, gate) = (new RememberedSaves(), new TaskCompletionSource());
        saves.Gate = gate.Task;
        await using var portal = new PortalHost("Development", configure: builder => builder.ConfigureServices(saves.Register));
        await portal.InitializeAsync();
        var caller = await portal.CreateTokenAsync();

        var first = CreateAsync(portal, caller);
        await saves.Reached;
        using (var second = await CreateAsync(portal, caller))
        {
            Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter?.Delta);
            await ErrorBody.AssertAsync(second, HttpStatusCode.Conflict, "IDEM_002");
        }

        gate.SetResult();
        var made = await Answer.OfAsync(first);
        Assert.Equal(made with { Replayed = "true" }, await Answer.OfAsync(CreateAsync(portal, caller)));
    }

    [Fact]
    public async Task Create_ProcessEndsAfterTheCommit_TheRepeatGetsTheAnswer()
    {
        using var folder = new TemporaryDirectory();
        var saves = new RememberedSaves { FailAfterCommit = true };
        ApiKey caller;
        await using (var first = new PortalHost("Development", null, folder.Path, builder => builder.ConfigureServices(saves.Register)))
        {
            await first.InitializeAsync();
            caller = await first.CreateTokenAsync();
            await CreateAsync(first, caller).RefusedAsync(HttpStatusCode.InternalServerError, "SRV_001");
        }

        await using var second = new PortalHost("Development", null, folder.Path);
        await second.InitializeAsync();
        var answer = await Answer.OfAsync(CreateAsync(second, caller));

        Assert.Equal((HttpStatusCode.Created, "true"), (answer.Status, answer.Replayed));
        Assert.True(await second.IsAcceptedAsync(answer.Json.TextOf("token")));
        Assert.Equal(1, await CountAsync(second));
    }

    [Fact]
    public async Task Create_ProcessKilled_TheRepeatGetsTheSameAnswer()
    {
        using var folder = new TemporaryDirectory();
        var caller = await StoredData.WithTokenAsync(folder.Path);
        Answer first;
        await using (var portal = await PortalProcess.StartAsync(folder.Path))
        {
            first = await Answer.OfAsync(CreateAsync(portal, caller));
            await portal.KillAsync();
        }

        await using var again = await PortalProcess.StartAsync(folder.Path);

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first with { Replayed = "true" }, await Answer.OfAsync(CreateAsync(again, caller)));
    }

    [Theory]
    [InlineData("Always")]
    [InlineData("Once")]
    public async Task Answer_Stored_OpensOnlyToItsCaller(string reveal)
    {
        await using var portal = new PortalHost("Development", new Dictionary<string, string> { ["Tokens:Reveal"] = reveal });
        await portal.InitializeAsync();
        var caller = await portal.CreateTokenAsync();
        var answer = await Answer.OfAsync(CreateAsync(portal, caller));
        var secret = answer.Json.TextOf("token")[^40..];

        Assert.Equal(answer with { Replayed = "true" }, await Answer.OfAsync(CreateAsync(portal, caller)));
        await using (var context = await portal.ContextAsync())
        {
            var stored = await context.IdempotentResponses.SingleAsync(TestContext.Current.CancellationToken);
            Assert.Equal((32, 32, answer.Json.Handle()), (stored.Id.Length, stored.Request.Length, stored.Handle));
            // Neither the response nor a part of it.
            Assert.Equal(-1, stored.Answer.AsSpan().IndexOf("Only one"u8));
        }

        foreach (var file in Directory.EnumerateFiles(portal.Folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)));
        }

        Assert.DoesNotContain(secret, portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeat_AfterADay_IsANewCall()
    {
        await using var portal = new PortalHost();
        await portal.InitializeAsync();
        var (caller, token) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());
        Task<HttpResponseMessage> Call() => portal.CallAsync(caller, "POST", $"{TokensPath}/{token.Handle}/rotate", idempotencyKey: "x");
        var first = await Answer.OfAsync(Call());
        portal.Clock.Advance(IdempotentResponses.Memory - TimeSpan.FromTicks(1));
        Assert.Equal("true", (await Answer.OfAsync(Call())).Replayed);

        portal.Clock.Advance(TimeSpan.FromTicks(1));
        var next = await Answer.OfAsync(Call());

        Assert.Null(next.Replayed);
        Assert.NotEqual(first.Json.TextOf("token"), next.Json.TextOf("token"));
        Assert.Equal(next with { Replayed = "true" }, await Answer.OfAsync(Call()));
    }

    [Fact]
    public async Task Prune_RemovesWhatIsOlderThanADay()
    {
        await using var portal = await TestPortal.CreateAsync();
        var calls = portal.Services.GetRequiredService<IdempotentResponses>();
        for (var i = 0; i < IdempotentResponses.RowsAtOnce + 1; i++)
            await calls.AddAsync(BitConverter.GetBytes(i), [1], [2]);
        portal.Clock.Advance(TimeSpan.FromHours(1));
        await calls.AddAsync([9], [1], [2]);
        portal.Clock.Advance(IdempotentResponses.Memory - TimeSpan.FromHours(1));

        Assert.Equal(IdempotentResponses.RowsAtOnce + 1, await calls.PruneAsync());

        Assert.NotNull(await calls.FindAsync([9]));
        Assert.Equal(0, await calls.PruneAsync());
    }

    private static Task<HttpResponseMessage> CreateAsync(PortalHost portal, ApiKey caller) =>
        portal.CallAsync(caller, "POST", TokensPath, Body, idempotencyKey: "the-key");

    private static async Task<HttpResponseMessage> CreateAsync(PortalProcess portal, string caller)
    {
        using var client = new HttpClient { BaseAddress = new Uri(portal.Address) };
        using var request = new HttpRequestMessage(HttpMethod.Post, TokensPath) { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", caller);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "the-key");
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<int> CountAsync(PortalHost portal)
    {
        await using var context = await portal.ContextAsync();
        return await context.Tokens.CountAsync(token => token.Name == "Only one", TestContext.Current.CancellationToken);
    }
}
