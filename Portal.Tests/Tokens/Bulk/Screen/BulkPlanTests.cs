using Portal.Statistics;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk;
using Portal.Tokens.Bulk.Screen;

namespace Portal.Tests.Tokens.Bulk.Screen;

public sealed class BulkPlanTests
{
    private static readonly DateTime Now = TestPortal.Start;

    [Fact]
    public void For_InUse_CountsByLastUseAndSortsMostUsedFirst()
    {
        var plan = BulkPlan.For(
            [Item("never"), Item("week", usedHoursAgo: 6 * 24), Item("old", usedHoursAgo: 8 * 24), Item("hot", usedHoursAgo: 1, today: 9, perDay: 20)], null, Now);

        Assert.Equal(["hot", "week", "old", "never"], plan.Affected.Select(item => item.Token.Name));
        Assert.Equal((2, 1, 20L), (plan.InUse, plan.UsedToday, plan.RequestsPerDay));
    }

    /// <summary>Requests with a key that doesn't work are refused already.</summary>
    [Theory]
    [InlineData(TokenStatus.Active, 20)]
    [InlineData(TokenStatus.Revitalised, 20)]
    [InlineData(TokenStatus.Inactive, 0)]
    [InlineData(TokenStatus.Expired, 0)]
    public void For_Requests_CountsThoseThatWorkNow(TokenStatus status, long expected) =>
        Assert.Equal(expected, BulkPlan.For([Item("a", status: status, usedHoursAgo: 1, perDay: 20)], null, Now).RequestsPerDay);

    [Fact]
    public void For_Renewal_SkipsTokensThatLastLonger()
    {
        var items = new[] { Item("short", days: 10), Item("long", days: 100), Item("perpetual", skip: BulkSkip.NoExpiration) };

        var plan = BulkPlan.For(items, Now.AddDays(90), Now);

        Assert.Equal(["short"], plan.Affected.Select(item => item.Token.Name));
        Assert.Equal([BulkSkip.NoExpiration, BulkSkip.LastsLonger], plan.Skipped.Select(group => group.Reason));
        Assert.Equal(2, plan.SkippedCount);
    }

    [Theory]
    [InlineData(10, null, false)]
    [InlineData(11, null, true)]
    [InlineData(1, 25, false)]
    [InlineData(1, 23, true)]
    public void NeedsTyping_ManyOrUsedToday(int count, int? usedHoursAgo, bool expected) => Assert.Equal(
        expected, BulkPlan.For([.. Enumerable.Range(0, count).Select(i => Item($"{i}", usedHoursAgo: usedHoursAgo))], null, Now).NeedsTyping);

    [Theory]
    [InlineData("REPORT", true)]
    [InlineData("160984", true)]
    [InlineData("su-160", true)]
    [InlineData("erp-7", true)]
    [InlineData("other", false)]
    public void Matches_NameHandleOrExternalId_IgnoringCaseAndDashes(string search, bool expected) => Assert.Equal(
        expected, BulkItem.Matches(Item("Nightly report").Token with { Handle = "SU-160-984-311", ExternalId = "ERP-7" }, search));

    private static BulkItem Item(
        string name, TokenStatus status = TokenStatus.Active, int? days = null, int? usedHoursAgo = null, long today = 0, long perDay = 0, BulkSkip? skip = null) => new(
        new BulkToken(
            $"SU-{name}", name, null, status, days is { } count ? Now.AddDays(count) : null, false, usedHoursAgo is { } hours ? Now.AddHours(-hours) : null, Guid.Empty, skip),
        new TokenUse(today, perDay));
}
