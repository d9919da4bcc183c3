using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Access;
using Portal.Components.Shared;

namespace Portal.Tests.Components.Shared;

public sealed class EndedSessionsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Filter_SessionEndsMeanwhile_AsksToSignInOrBreaksOff(bool hasBegun)
    {
        var connection = new Connection { HasStarted = hasBegun };
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseFeature>(connection);
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);

        var result = await EndedSessions.FilterAsync(new DefaultEndpointFilterInvocationContext(context), _ => throw new SessionEndedException());

        Assert.IsType(hasBegun ? typeof(EmptyHttpResult) : typeof(ChallengeHttpResult), result);
        Assert.Equal(hasBegun, connection.IsAborted);
    }

    private sealed class Connection : HttpResponseFeature, IHttpResponseFeature, IHttpRequestLifetimeFeature
    {
        public new bool HasStarted { get; init; }
        public bool IsAborted { get; private set; }
        public CancellationToken RequestAborted { get; set; }

        bool IHttpResponseFeature.HasStarted => HasStarted;

        public void Abort() => IsAborted = true;
    }
}
