namespace Portal.Data;

/// <summary>The owner that a person or program selects for a token: a user, a team, or none.</summary>
public sealed record OwnerChoice
{
    private const string UserPrefix = "user:", TeamPrefix = "team:";

    public static readonly OwnerChoice None = new();

    private OwnerChoice()
    {
    }

    /// <summary>The ID of the user; null: not a user.</summary>
    public string? UserId { get; private init; }

    /// <summary>The name of the team; null: not a team.</summary>
    public string? Team { get; private init; }

    /// <summary>The choice as text for forms: <c>user:ID</c>, <c>team:Name</c>, or empty for none.</summary>
    public string Code => UserId is not null ? UserPrefix + UserId : Team is not null ? TeamPrefix + Team : "";

    public static OwnerChoice OfUser(string userId) => new() { UserId = userId };

    public static OwnerChoice OfTeam(string name) => new() { Team = name.Trim() };

    /// <summary>Reads <see cref="Code"/>. Any other text is <see cref="None"/>.</summary>
    public static OwnerChoice Parse(string? code) =>
        code?.StartsWith(UserPrefix, StringComparison.Ordinal) is true ? OfUser(code[UserPrefix.Length..])
        : code?.StartsWith(TeamPrefix, StringComparison.Ordinal) is true ? OfTeam(code[TeamPrefix.Length..])
        : None;

    /// <summary>Whether both name the same user or team, or none.</summary>
    public static bool AreSame(OwnerChoice one, OwnerChoice other) =>
        one.UserId == other.UserId && (one.Team is { } team ? other.Team is { } same && TeamKey(team) == TeamKey(same) : other.Team is null);

    /// <summary>The name of a team in the form that is compared: without surrounding spaces and case.</summary>
    internal static string TeamKey(string name) => name.Trim().ToUpperInvariant();
}
