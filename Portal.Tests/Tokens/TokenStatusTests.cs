using Portal.Data;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

/// <summary>Tests the rule in memory. The tests of the list cover it as the database evaluates it.</summary>
public sealed class TokenStatusTests
{
    private static readonly DateTime Now = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);
    private static readonly StatusClock Clock = StatusClock.At(Now, new TokenOptions { ExpiringWithinDays = 30 });

    /// <summary>The stored status; the seconds until the newest secret ends (null for never) and until the one before it ends (null if there is
    /// none); the displayed status.</summary>
    public static TheoryData<StoredStatus, int?, int?, TokenStatus> Cases => new()
    {
        { StoredStatus.Active, null, null, TokenStatus.Active },
        { StoredStatus.Active, Days(30) + 1, null, TokenStatus.Active },
        { StoredStatus.Active, Days(30), null, TokenStatus.Expiring },
        { StoredStatus.Active, 1, null, TokenStatus.Expiring },
        { StoredStatus.Active, 0, null, TokenStatus.Expired },
        { StoredStatus.Active, -1, null, TokenStatus.Expired },
        // Renewed: both are live, then only the new one.
        { StoredStatus.Active, Days(90), 1, TokenStatus.Revitalised },
        { StoredStatus.Active, Days(10), 1, TokenStatus.Revitalised },
        { StoredStatus.Active, Days(90), 0, TokenStatus.Active },
        { StoredStatus.Active, Days(10), -1, TokenStatus.Expiring },
        { StoredStatus.Active, -1, -1, TokenStatus.Expired },
        // Rotated into a perpetual key with an overlap.
        { StoredStatus.Active, null, 1, TokenStatus.Revitalised },
        { StoredStatus.Active, null, 0, TokenStatus.Active },
        // The newest ended first, but another secret is live, so the token hasn't expired.
        { StoredStatus.Active, -1, 1, TokenStatus.Revitalised },
        // A person's decision takes precedence over the clock.
        { StoredStatus.Pending, Days(90), null, TokenStatus.Pending },
        { StoredStatus.Pending, -1, null, TokenStatus.Pending },
        { StoredStatus.Inactive, null, null, TokenStatus.Inactive },
        { StoredStatus.Inactive, -1, null, TokenStatus.Inactive },
        { StoredStatus.Inactive, Days(90), 1, TokenStatus.Inactive },
        { StoredStatus.Deleted, null, null, TokenStatus.Deleted },
        { StoredStatus.Deleted, -1, 1, TokenStatus.Deleted },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_StoredStatusSecretsAndClock_IsTheFirstThatHolds(StoredStatus stored, int? endsIn, int? previousEndsIn, TokenStatus expected) =>
        Assert.Equal(expected, Clock.Of(stored, At(endsIn), At(previousEndsIn)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Expression_SameCases_SaysTheSame(StoredStatus stored, int? endsIn, int? previousEndsIn, TokenStatus expected)
    {
        var token = new Token
        {
            AccountId = "", Handle = "", Name = "", NameKey = "", SearchText = "", ExtensionId = "", ExtensionName = "", CreatedById = "",
            CreatedByName = "", UpdatedById = "", UpdatedByName = "", Status = stored, ExpiresAt = At(endsIn), PreviousEndsAt = At(previousEndsIn),
        };

        Assert.Equal(expected, Clock.Expression.Compile()(token));
        Assert.Equal([expected], Enum.GetValues<TokenStatus>().Where(status => Clock.Is(status).Compile()(token)));
    }

    private static int Days(int days) => days * 86_400;

    private static DateTime? At(int? seconds) => seconds is { } value ? Now.AddSeconds(value) : null;
}
