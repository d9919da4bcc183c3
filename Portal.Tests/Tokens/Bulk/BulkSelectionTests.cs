using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Bulk;

/// <summary>Which tokens a selection finds, and to which of them an action applies.</summary>
public sealed class BulkSelectionTests
{
    private static readonly DateTime Now = TestPortal.Start;

    public static TheoryData<string, StoredStatus, int?, bool, BulkSkip?> States => new()
    {
        { nameof(TokenAction.Enable), StoredStatus.Active, 90, false, BulkSkip.AlreadyEnabled },
        { nameof(TokenAction.Enable), StoredStatus.Inactive, 90, false, null },
        { nameof(TokenAction.Enable), StoredStatus.Pending, null, false, null },
        { nameof(TokenAction.Disable), StoredStatus.Active, -1, false, null },
        { nameof(TokenAction.Disable), StoredStatus.Inactive, 90, false, BulkSkip.AlreadyDisabled },
        { nameof(TokenAction.Disable), StoredStatus.Pending, 90, false, BulkSkip.Pending },
        { nameof(TokenAction.Renew), StoredStatus.Active, null, false, BulkSkip.NoExpiration },
        { nameof(TokenAction.Renew), StoredStatus.Active, 90, true, BulkSkip.TwoKeys },
        { nameof(TokenAction.Renew), StoredStatus.Inactive, -1, false, null },
        { nameof(TokenAction.Rotate), StoredStatus.Active, null, true, null },
        { nameof(TokenAction.Rotate), StoredStatus.Active, -1, false, BulkSkip.Expired },
        { nameof(TokenAction.Delete), StoredStatus.Inactive, -1, false, null },
        { nameof(TokenAction.Delete), StoredStatus.Deleted, 90, false, BulkSkip.Deleted },
        { nameof(TokenAction.Enable), StoredStatus.Deleted, 90, false, BulkSkip.Deleted },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void SkipFor_EachState_GivesTheReason(string action, StoredStatus stored, int? days, bool hasTwoKeys, BulkSkip? reason) => Assert.Equal(
        reason, BulkToken.SkipFor(TestTokens.ActionNamed(action), new TokenState(stored, days is { } count ? Now.AddDays(count) : null, hasTwoKeys), Now));

    /// <summary>A bulk action skips every token for which the menu doesn't offer the action.</summary>
    [Fact]
    public void SkipFor_NotOffered_NeverApplies() => Assert.All(
        from action in TokenAction.Menu
        from stored in Enum.GetValues<StoredStatus>()
        from expiresAt in new DateTime?[] { null, Now.AddDays(-1), Now.AddDays(1) }
        from hasTwoKeys in (bool[])[false, true]
        let state = new TokenState(stored, expiresAt, hasTwoKeys)
        where stored == StoredStatus.Deleted || !action.IsOffered(state)
        select (action, state),
        subject => Assert.NotNull(BulkToken.SkipFor(subject.action, subject.state, Now)));

    [Fact]
    public async Task Read_Handles_FindsThoseOfTheAccountOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handles = await portal.CreateManyAsync(2);
        await portal.Tokens.DisableAsync(portal.Operator, handles[1]);

        var found = await portal.Reader.ReadBulkAsync(
            portal.Operator, TokenAction.Disable, BulkSelection.Of([.. handles, handles[0], "SU-000-000-000"]), TestContext.Current.CancellationToken);

        Assert.Equal(2, found.Total);
        Assert.Equal(
            [(handles[0], (BulkSkip?)null), (handles[1], BulkSkip.AlreadyDisabled)],
            found.Tokens.OrderBy(token => token.Name).Select(token => (token.Handle, token.Skip)));
    }

    [Fact]
    public async Task Read_Query_FindsAllThatMatchNowOnAllPages()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handles = await portal.CreateManyAsync(5);
        await portal.Tokens.DisableAsync(portal.Operator, handles[0]);
        var query = new TokenQuery { Status = TokenStatus.Active, Page = 2, PageSize = 2, Sort = TokenSort.Name };

        var found = await portal.Reader.ReadBulkAsync(portal.Operator, TokenAction.Disable, BulkSelection.AllOf(query, 5), TestContext.Current.CancellationToken);

        Assert.Equal(handles[1..].Order(StringComparer.Ordinal), found.Tokens.Select(token => token.Handle).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Read_TooMany_ReadsNone()
    {
        var recorder = new StatementRecorder();
        await using var portal = await TestPortal.CreateAsync(services: recorder.Register);
        await portal.CreateAsync();
        recorder.Take();

        var found = await portal.Reader.ReadBulkAsync(
            portal.Operator, TokenAction.Disable, BulkSelection.AllOf(new TokenQuery(), BulkSelection.Most + 1), TestContext.Current.CancellationToken);

        Assert.True(found.AreTooMany);
        Assert.Empty(found.Tokens);
        Assert.DoesNotContain(recorder.Take(), statement => statement.Contains("\"Tokens\"", StringComparison.Ordinal));
    }
}
