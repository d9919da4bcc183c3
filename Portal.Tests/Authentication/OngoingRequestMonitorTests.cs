using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>Reviews of requests in progress while the database doesn't respond.</summary>
public sealed class OngoingRequestMonitorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Review_ThatHangs_HoldsUpNoOtherAndEndsItsRequestInTheEnd()
    {
        var reader = new HangingReader();
        await using var portal = await TestPortal.CreateAsync(services: reader.Register);
        var (hanging, other) = (await BeginAsync(portal, "Hanging"), await BeginAsync(portal, "Other"));
        var monitor = portal.Services.GetRequiredService<OngoingRequestMonitor>();
        reader.Hang(hanging.Credential.Handle);
        foreach (var request in (OngoingRequest[])[hanging, other])
            await portal.Tokens.DisableAsync(portal.Operator, request.Credential.Handle, cancellation: Cancellation);

        monitor.Review(Cancellation);
        await EndedAsync(other);
        Assert.Equal("AUTH_002", other.Ended!.Code);

        for (var i = 1; i < OngoingRequestMonitor.MaximumInconclusiveReviews; i++)
            monitor.Review(Cancellation);
        Assert.Null(hanging.Ended);
        monitor.Review(Cancellation);
        await EndedAsync(hanging);
        Assert.Equal(Refusals.NotReviewed, hanging.Ended);
        reader.Go();
    }

    [Fact]
    public async Task Review_ThatFailsForAWhile_EndsNothing()
    {
        var reader = new HangingReader();
        await using var portal = await TestPortal.CreateAsync(services: reader.Register);
        var request = await BeginAsync(portal, "Nightly report");
        var (monitor, handle) = (portal.Services.GetRequiredService<OngoingRequestMonitor>(), request.Credential.Handle);
        await portal.Tokens.RotateAsync(portal.Operator, handle, null, TimeSpan.FromHours(1), cancellation: Cancellation);

        for (var round = 0; round < 3; round++)
        {
            reader.Fail(handle);
            for (var i = 1; i < OngoingRequestMonitor.MaximumInconclusiveReviews; i++)
                await ReviewAsync(monitor, request);
            Assert.Equal(OngoingRequestMonitor.MaximumInconclusiveReviews - 1, request.InconclusiveReviews);
            reader.Go();
            await ReviewAsync(monitor, request);
            Assert.Equal(0, request.InconclusiveReviews);
            portal.Services.GetRequiredService<TokenChanges>().Publish(handle);
        }

        Assert.Null(request.Ended);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task ReviewAsync(OngoingRequestMonitor monitor, OngoingRequest request)
    {
        monitor.Review(Cancellation);
        while (request.IsInReview)
            await Task.Yield();
    }

    private static Task EndedAsync(OngoingRequest request)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        request.RequestAborted.Register(ended.SetResult);
        return ended.Task.WaitAsync(Patience, Cancellation);
    }

    /// <summary>A request that an upstream serves.</summary>
    private static async Task<OngoingRequest> BeginAsync(TestPortal portal, string name)
    {
        var key = (await portal.CreateAsync(TestTokens.Wanted(name))).Key!;
        var target = RequestTarget.Parse("/public/v1/agreements", ApiKeyMiddleware.BasePath, portal.Services.GetRequiredService<PathOwners>());
        var decision = await portal.Services.GetRequiredService<AccessEvaluator>().EvaluateAsync(new AccessRequest(key.ToHeaderValue(), target.Owner, null, "/"), Cancellation);
        Assert.Null(decision.Refusal);
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        var request = OngoingRequest.Begin(context, 0, null, decision, target, key.ToHeaderValue());
        request.ForwardUntil(() => null);
        portal.Services.GetRequiredService<OngoingRequests>().Add(request);
        return request;
    }

    /// <summary>Reads all credentials except those of one token, for which it hangs.</summary>
    private sealed class HangingReader : ICredentialReader, IDisposable
    {
        private CredentialReader _inner = null!;
        private volatile string? _handle;
        private volatile Task _until = Task.CompletedTask;
        private TaskCompletionSource _goes = new();

        public void Register(IServiceCollection services) => services.AddSingleton<ICredentialReader>(provider =>
        {
            _inner = new CredentialReader(provider.GetRequiredService<IDbContextFactory<PortalDbContext>>(), provider.GetRequiredService<DatabaseDamage>());
            return this;
        });

        public void Dispose() => _inner.Dispose();

        public void Hang(string handle) => (_until, _handle) = ((_goes = new TaskCompletionSource()).Task, handle);

        public void Fail(string handle) => (_until, _handle) = (Task.FromException(new IOException("The disk failed.")), handle);

        public void Go()
        {
            _handle = null;
            _goes.TrySetResult();
        }

        public async ValueTask<StoredCredential?> FindAsync(string handle, CancellationToken cancellation)
        {
            if (handle == _handle)
                await _until;
            return await _inner.FindAsync(handle, cancellation);
        }
    }
}
