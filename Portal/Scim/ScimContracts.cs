using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Scim;

/// <summary>A resource by its ID and name.</summary>
public sealed record ScimReference(string Id, string Name);

/// <summary>A user that the directory manages.</summary>
/// <param name="IsActive">Whether the directory allows the user to sign in. Without a role, they still can't.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">The time of the latest change by the directory, in UTC.</param>
public sealed record ScimUserRecord(
    string Id, string UserName, string DisplayName, string? GivenName, string? FamilyName, string? Email, string? ExternalId, bool IsActive,
    IReadOnlyList<ScimReference> Groups, DateTime CreatedAt, DateTime UpdatedAt)
{
    /// <summary>Differs for users with different attributes.</summary>
    public string Version => ScimVersion.Of([UserName, DisplayName, GivenName, FamilyName, Email, ExternalId, IsActive ? "1" : "0", .. Groups.SelectMany(group => new[] { group.Id, group.Name })]);
}

/// <summary>The attributes of a user, as a client sends them.</summary>
/// <param name="Email">Null: Portal uses the user name if it is an email address.</param>
/// <param name="IsActive">Null: not sent. A new user is then active, and another stays as it is.</param>
public sealed record ScimUserInput(string? UserName, string? DisplayName, string? GivenName, string? FamilyName, string? Email, string? ExternalId, bool? IsActive);

/// <summary>A group that the directory manages.</summary>
/// <param name="Members">Null: not read.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
public sealed record ScimGroupRecord(string Id, string DisplayName, string? ExternalId, IReadOnlyList<ScimReference>? Members, DateTime CreatedAt, DateTime UpdatedAt)
{
    /// <summary>Changes with every change of the group.</summary>
    public string Version => ScimVersion.Of([Id, DisplayName, ExternalId, UpdatedAt.Ticks.ToString(CultureInfo.InvariantCulture)]);
}

/// <summary>The attributes of a group, as a client sends them.</summary>
public sealed record ScimGroupInput(string? DisplayName, string? ExternalId, IReadOnlyCollection<string> MemberIds);

/// <summary>An attribute that a resource must have, so that it can be found without reading all.</summary>
/// <param name="Id">Null: any.</param>
/// <param name="Name">The user name, or the name of the group; null: any.</param>
/// <param name="ExternalId">Null: any.</param>
public sealed record ScimKey(string? Id, string? Name, string? ExternalId);

/// <summary>The condition of a change: the versions that the client knows (RFC 7232, If-Match).</summary>
/// <param name="Versions">Empty: any version.</param>
public sealed record ScimCondition(IReadOnlyCollection<string> Versions)
{
    /// <exception cref="ScimException">The resource has another version.</exception>
    internal void Require(string version)
    {
        if (Versions.Count > 0 && !Versions.Contains(version, StringComparer.Ordinal))
            throw new ScimException(StatusCodes.Status412PreconditionFailed, null, "The resource has changed since the version in If-Match. Read it again and repeat the change.");
    }
}

internal static class ScimVersion
{
    private const int Length = 16;

    /// <summary>Computes a digest of texts. None of them contains control characters.</summary>
    public static string Of(IEnumerable<string?> texts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts))))[..Length];
}
