using System.Text.Json.Serialization;
using Portal.Accounts;
using Portal.Tokens;

namespace Portal.Api;

// A token as it goes over the wire; names become snake_case.

/// <param name="Icon">Portal has none.</param>
internal sealed record OwnerBody(string Id, string Name, string? Icon = null);

/// <param name="Icon">Portal has none.</param>
internal sealed record ExtensionReferenceBody(string Id, string Name, string? Icon = null);

internal sealed record ActBody(DateTimeOffset At, ReferenceBody By)
{
    public static ActBody Of(TokenAct act) => new(Bodies.Moment(act.At), new ReferenceBody(act.ById, act.ByName));
}

internal sealed record TokenEventsBody(ActBody Created, ActBody Updated);

internal sealed record IdBody(string Id);

internal sealed record GrantEventsBody(ActBody Granted);

/// <param name="Id">The module's too: a token has one permission for each.</param>
/// <param name="Object">The module.</param>
internal sealed record PermissionBody(string Id, IdBody Object, GrantEventsBody Events)
{
    public static PermissionBody Of(ModuleGrant grant) =>
        new(grant.ModuleId, new IdBody(grant.ModuleId), new GrantEventsBody(ActBody.Of(grant.Granted)));
}

/// <summary>The answer to a permission that was granted.</summary>
internal sealed record PermissionMergeBody(string Id, IdBody Object);

/// <param name="Id">The handle too.</param>
/// <param name="Token">The whole API key, only in the answer to the call that made it.</param>
/// <param name="ExpirationDate">Of the key that was there first, as long as two live; null: never.</param>
/// <param name="RenewedExpirationDate">Of the key that replaces it; null: one lives, or the other never ends.</param>
/// <param name="RenewedToken">As <paramref name="Token"/>, for the key that replaces it.</param>
internal sealed record TokenBody(
    string Id,
    string Name,
    string? Description,
    string? ExternalId,
    OwnerBody Owner,
    string Status,
    ExtensionReferenceBody Extension,
    string Handle,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Token,
    TokenEventsBody Events,
    PermissionBody[] Permissions,
    DateTimeOffset? ExpirationDate,
    DateTimeOffset? RenewedExpirationDate,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RenewedToken)
{
    /// <param name="key">The key that was made just now; null: none was.</param>
    public static TokenBody Of(TokenRecord token, AccountSummary owner, ApiKey? key = null)
    {
        var isRenewed = token.PreviousEndsAt is not null;
        return new TokenBody(
            token.Handle, token.Name, token.Description, token.ExternalId, new OwnerBody(owner.Id, owner.Name), StatusOf(token),
            new ExtensionReferenceBody(token.Extension.Id, token.Extension.Extension?.Name ?? token.Extension.Name), token.Handle,
            isRenewed ? null : key?.ToHeaderValue(),
            new TokenEventsBody(ActBody.Of(token.Created), ActBody.Of(token.Updated)),
            [.. token.Grants.Select(PermissionBody.Of)],
            Bodies.Moment(token.PreviousEndsAt ?? token.ExpiresAt), Bodies.Moment(isRenewed ? token.ExpiresAt : null),
            isRenewed ? key?.ToHeaderValue() : null);
    }

    public static string StatusOf(TokenRecord token) => token.Status.ToString().ToLowerInvariant();
}

/// <summary>What a token is told of itself.</summary>
/// <param name="RateLimit">How many requests it may send; null: any number.</param>
internal sealed record SelfBody(
    string Id,
    string Name,
    string Status,
    DateTimeOffset? ExpirationDate,
    DateTimeOffset? RenewedExpirationDate,
    PermissionBody[] Permissions,
    RateLimitBody? RateLimit);

/// <param name="Per"><c>second</c>, <c>minute</c>, <c>hour</c> or <c>day</c>.</param>
internal sealed record RateLimitBody(int Requests, string Per);
