using Portal.Access;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Permissions by role, and only within the caller's own account.</summary>
public sealed class TokenAccessTests
{
    private const string Nobody = "SU-000-000-000";

    /// <summary>Every method that changes something or shows a key, and the minimum role that may call it.</summary>
    private static readonly Dictionary<string, (Role Least, Func<TestPortal, Actor, string, Task<object>> Call)> Calls = new()
    {
        ["create"] = (Role.Operator, async (portal, actor, _) => await portal.Tokens.CreateAsync(actor, TestTokens.Wanted("Another"))),
        ["edit"] = (Role.Operator, async (portal, actor, handle) => await portal.Tokens.EditAsync(
            actor, handle, new TokenEdit("New", null, null, ModuleChoice.All), (await portal.DetailsAsync(handle))?.Version ?? default)),
        ["enable"] = (Role.Operator, async (portal, actor, handle) => await portal.Tokens.EnableAsync(actor, handle)),
        ["disable"] = (Role.Operator, async (portal, actor, handle) => await portal.Tokens.DisableAsync(actor, handle)),
        ["rotate"] = (Role.Operator, async (portal, actor, handle) => await portal.Tokens.RotateAsync(actor, handle, null)),
        ["renew"] = (Role.Operator, async (portal, actor, handle) => await portal.Tokens.RenewAsync(actor, handle, portal.Now.AddDays(100))),
        ["end previous"] = (Role.Operator, async (portal, actor, handle) => await portal.Tokens.EndPreviousAsync(actor, handle)),
        ["reveal"] = (Role.Operator, async (portal, actor, handle) => await portal.Tokens.RevealAsync(actor, handle, KeySlot.Newest, AuditAction.KeyViewed)),
        ["delete"] = (Role.Administrator, async (portal, actor, handle) => await portal.Tokens.DeleteAsync(actor, handle)),
    };

    public static TheoryData<string, Role> CallsAndRoles => [.. Calls.Keys.SelectMany(call => Enum.GetValues<Role>().Select(role => (call, role)))];

    public static TheoryData<string> CallsOnAToken => [.. Calls.Keys.Where(call => call != "create")];

    [Theory]
    [MemberData(nameof(CallsAndRoles))]
    public async Task Call_WithRole_IsDoneOrDenied(string call, Role role)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var (least, run) = Calls[call];
        var actor = new[] { portal.Viewer, portal.Operator, portal.Administrator }.Single(actor => actor.Role == role);

        if (role >= least)
        {
            Assert.True(await run(portal, actor, handle) is TokenOutcome.Done or RevealOutcome.Shown);
            return;
        }

        var before = await portal.DetailsAsync(handle);
        var denied = await Assert.ThrowsAsync<AccessDeniedException>(() => run(portal, actor, handle));
        Assert.Contains($"{least}", denied.Message, StringComparison.Ordinal);
        Assert.Equal(before.Version, (await portal.DetailsAsync(handle)).Version);
        Assert.Single(await portal.AuditAsync());
    }

    [Theory]
    [MemberData(nameof(CallsOnAToken))]
    public async Task Call_TokenOfAnotherAccount_IsAsIfThereWereNone(string call)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var before = await portal.DetailsAsync(handle);

        var foreign = await Calls[call].Call(portal, portal.OtherAccountActor, handle);
        var missing = await Calls[call].Call(portal, portal.Administrator, Nobody);

        Assert.True(foreign is TokenOutcome.NotFound or RevealOutcome.Unavailable);
        Assert.Equal(missing, foreign);
        Assert.Equal(before.Version, (await portal.DetailsAsync(handle)).Version);
        Assert.Single(await portal.AuditAsync());
    }

    [Fact]
    public async Task Read_AnotherAccount_FindsNothing()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;

        Assert.Null(await portal.Reader.FindAsync(portal.OtherAccountActor, handle));
        Assert.Equal(0, (await portal.Reader.ListAsync(portal.OtherAccountActor, new TokenQuery { WithDeleted = true })).Total);
        Assert.False(await portal.Reader.IsNameTakenAsync(portal.OtherAccountActor, "Nightly report", null));
    }

    [Theory]
    [InlineData(Nobody)]
    [InlineData("")]
    [InlineData("SU-160-984-31")]
    [InlineData("su-160-984-311")]
    [InlineData("' OR 1=1 --")]
    public async Task Find_NoSuchHandle_IsNull(string handle)
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        Assert.Null(await portal.Reader.FindAsync(portal.Viewer, handle));
    }
}
