using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Reading;

public sealed class KeyTracerTests
{
    [Fact]
    public async Task Trace_EachKeyOfAToken_SaysWhichItIsAndIsAuditedWithoutTheSecret()
    {
        await using var portal = await TestPortal.CreateAsync();
        var first = await portal.CreateAsync(days: null);
        var second = (TokenOutcome.Done)await portal.Tokens.RotateAsync(portal.Operator, first.Handle, null);
        var third = (TokenOutcome.Done)await portal.Tokens.RotateAsync(portal.Operator, first.Handle, null, TimeSpan.FromHours(1));
        ApiKey[] keys = [first.Key!, second.Key!, third.Key!, ApiKey.Create(first.Handle)];

        var traced = await TraceAsync(portal, string.Join('\n', keys.Select(key => key.ToHeaderValue())));

        Assert.Equal([TracedState.Retired, TracedState.Previous, TracedState.Current, TracedState.WrongSecret], traced.Select(key => key.State));
        Assert.All(traced, key => Assert.Equal("Nightly report", key.Token!.Name));
        Assert.Equal(keys.Select(key => key.Fingerprint), traced.Select(key => key.Fingerprint));
        var entries = (await portal.AuditAsync()).Where(entry => entry.Action == AuditAction.KeyTraced).ToList();
        Assert.Equal(["retired", "previous", "current", "wrong_secret"], entries.Select(entry => entry.Details!.Split('"')[3]));
        Assert.All(entries, entry => Assert.All(keys, key => Assert.DoesNotContain(key.ToHeaderValue()[^40..], $"{entry.Details}{entry.TargetId}{entry.TargetName}", StringComparison.Ordinal)));

        portal.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(TracedState.Retired, Assert.Single(await TraceAsync(portal, second.Key!.ToHeaderValue())).State);
    }

    [Fact]
    public async Task Trace_PartOfAKey_NamesTheToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        var key = (await portal.CreateAsync()).Key!;
        var traced = Assert.Single(await TraceAsync(portal, key.ToHeaderValue()[..^10]));
        Assert.Equal((TracedState.Incomplete, "Nightly report"), (traced.State, traced.Token!.Name));
    }

    [Fact]
    public async Task Trace_KeyOfAnotherAccountOrOfNobody_MatchesNoToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        var theirs = (await portal.CreateAsync(portal.OtherAccountActor, TestTokens.Wanted())).Key!;
        foreach (var key in (ApiKey[])[theirs, ApiKey.Create("SU-000-000-000")])
            Assert.Equal(new TracedKey(key.Handle, TracedState.NoToken, null, null, key.Fingerprint), Assert.Single(await TraceAsync(portal, key.ToHeaderValue())));
        Assert.DoesNotContain(await portal.AuditAsync(), entry => entry.Action == AuditAction.KeyTraced);
    }

    [Theory]
    [InlineData(Role.Viewer, false)]
    [InlineData(Role.Operator, true)]
    public async Task Trace_ByRole_OffersWhatTheRoleMayDo(Role role, bool disables)
    {
        await using var portal = await TestPortal.CreateAsync();
        var key = (await portal.CreateAsync()).Key!;
        var actor = role == Role.Viewer ? portal.Viewer : portal.Operator;
        var traced = Assert.Single(await Tracer(portal).TraceAsync(actor, PastedKeys.Find(key.ToHeaderValue())!));
        Assert.Equal((TracedState.Current, disables), (traced.State, traced.Actions!.Allows(TokenAction.Disable)));
    }

    [Fact]
    public async Task Trace_AuditCannotBeWritten_AnswersAllTheSame()
    {
        await using var portal = await TestPortal.CreateAsync();
        var key = (await portal.CreateAsync()).Key!;
        await portal.ExecuteAsync(RefusingTrigger.On("AuditEntries"));
        Assert.Equal(TracedState.Current, Assert.Single(await TraceAsync(portal, key.ToHeaderValue())).State);
    }

    private static KeyTracer Tracer(TestPortal portal) => portal.Services.GetRequiredService<KeyTracer>();

    private static Task<IReadOnlyList<TracedKey>> TraceAsync(TestPortal portal, string text) => Tracer(portal).TraceAsync(portal.Operator, PastedKeys.Find(text)!);
}
