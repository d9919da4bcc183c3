namespace Portal.Tests.Accounts.SingleSignOn;

/// <summary>An account at a provider of the tests.</summary>
internal sealed record TestPerson(string Subject)
{
    public string? Email { get; init; } = $"{Subject}@example.com";
    public bool? EmailVerified { get; init; } = true;
    public string? Name { get; init; } = $"Person {Subject}";
    public IReadOnlyList<string> Groups { get; init; } = [];
    public IReadOnlyList<string> Methods { get; init; } = ["pwd"];

    /// <summary>An ID that no other test uses.</summary>
    public static TestPerson Create() => new($"s{Guid.CreateVersion7():N}");
}

/// <summary>A clock that is set later, because Portal needs the address of a provider when it starts.</summary>
internal sealed class RelayClock : TimeProvider
{
    public TimeProvider? Clock { get; set; }

    public override DateTimeOffset GetUtcNow() => (Clock ?? System).GetUtcNow();
}
