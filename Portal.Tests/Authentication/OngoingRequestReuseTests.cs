using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>The requests of a connection share an object if no code can have kept it.</summary>
public sealed class OngoingRequestReuseTests
{
    [Fact]
    public async Task Begin_FormerRequestIsReleased_KnowsNothingOfIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var connection = new Connection();
        var (one, other) = ((await portal.CreateAsync(name: "One")).Key!, (await portal.CreateAsync(name: "Other")).Key!);
        var first = await BeginAsync(portal, connection, one);
        first.Refuse(Refusals.Unauthorized);
        first.LeaveAnswerAlone();
        first.ForwardUntil(() => Refusals.Unauthorized);
        var keyOfFirst = first.DeriveKey([1], "purpose");
        first.Detach();
        first.Release();

        var second = await BeginAsync(portal, connection, other);

        Assert.Same(first, second);
        Assert.Equal(other.Handle, second.Credential.Handle);
        Assert.Equal((null, false, null, false), (second.Refusal, second.AnsweredElsewhere, second.Ended, second.IsForwarded));
        Assert.NotEqual(keyOfFirst, second.DeriveKey([1], "purpose"));
    }

    [Fact]
    public async Task Begin_FormerRequestIsNotReleased_HasItsOwnObject()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (connection, key) = (new Connection(), (await portal.CreateAsync()).Key!);
        var first = await BeginAsync(portal, connection, key);
        Assert.NotSame(first, await BeginAsync(portal, connection, key));
    }

    [Fact]
    public async Task Begin_FormerRequestGaveAwayItsEnd_HasItsOwnObject()
    {
        await using var portal = await TestPortal.CreateAsync();
        var (connection, key) = (new Connection(), (await portal.CreateAsync()).Key!);
        var first = await BeginAsync(portal, connection, key);
        var ended = first.RequestAborted;
        first.Detach();
        first.Release();

        Assert.NotSame(first, await BeginAsync(portal, connection, key));
        Assert.Equal(key.Handle, first.Credential.Handle);
        Assert.False(ended.IsCancellationRequested);
    }

    /// <summary>An idle connection keeps no key.</summary>
    [Fact]
    public async Task Release_ForgetsTheKey()
    {
        await using var portal = await TestPortal.CreateAsync();
        var request = await BeginAsync(portal, new Connection(), (await portal.CreateAsync()).Key!);
        request.Detach();
        request.Release();
        Assert.Throws<InvalidOperationException>(() => request.DeriveKey([1], "purpose"));
    }

    private static async Task<OngoingRequest> BeginAsync(TestPortal portal, Connection connection, ApiKey key)
    {
        var target = RequestTarget.Parse("/public/v1/agreements", ApiKeyMiddleware.BasePath, portal.Services.GetRequiredService<PathOwners>());
        var decision = await portal.Services.GetRequiredService<AccessEvaluator>().EvaluateAsync(
            new AccessRequest(key.ToHeaderValue(), target.Owner, null, "/"), TestContext.Current.CancellationToken);
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        context.Features.Set<IPersistentStateFeature>(connection);
        var request = OngoingRequest.Begin(context, 0, null, decision, target, key.ToHeaderValue());
        request.Attach();
        return request;
    }

    /// <summary>What a connection keeps from one request to the next.</summary>
    private sealed class Connection : IPersistentStateFeature
    {
        public IDictionary<object, object?> State { get; } = new Dictionary<object, object?>();
    }
}
