using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Portal.Accounts;
using Portal.Api.Document;
using Portal.Data;
using Portal.Tokens;
using Portal.Tokens.Reading;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace Portal.Api;

// A token in the wire format; names are converted to snake_case.

/// <param name="Icon">Not provided by Portal.</param>
[SchemaName("auth.AccountReference")]
internal sealed record OwnerBody(
    [property: ReadOnly(true)] string Id, [property: MaxLength(Account.NameLength)] string Name, [property: Format("binary")] string? Icon = null);

/// <param name="Icon">Not provided by Portal.</param>
/// <param name="Revision">Not provided by Portal.</param>
[SchemaName("auth.ExtensionReference")]
internal sealed record ExtensionReferenceBody(
    [property: ReadOnly(true)] string Id,
    [property: MaxLength(50)] string Name,
    [property: Format("binary")] string? Icon = null,
    [property: ReadOnly(true), JsonIgnore(Condition = WhenWritingNull)] int? Revision = null);

internal sealed record ActBody(DateTimeOffset At, ReferenceBody By)
{
    public static ActBody Of(TokenEvent act) => new(Bodies.Moment(act.At), new ReferenceBody(act.ById, act.ByName));
}

internal sealed record TokenEventsBody(ActBody Created, ActBody Updated);

[SchemaName("PermissionObject")]
internal sealed record IdBody(string Id);

internal sealed record GrantEventsBody(ActBody Granted);

/// <param name="Id">The ID of the module: a token has one permission per module.</param>
/// <param name="Object">The module.</param>
internal sealed record PermissionBody(string Id, IdBody Object, GrantEventsBody Events)
{
    public static PermissionBody Of(ModuleGrant grant) =>
        new(grant.ModuleId, new IdBody(grant.ModuleId), new GrantEventsBody(ActBody.Of(grant.Granted)));
}

/// <summary>The response to a granted permission.</summary>
[SchemaName("auth.PermissionMerge")]
internal sealed record PermissionMergeBody(string Id, IdBody Object);

/// <param name="Id">The handle.</param>
/// <param name="Handle">The public identifier, which is never reused.</param>
/// <param name="Token">The complete API key, only in the response to the request that created it.</param>
/// <param name="Permissions">Lists the modules that the token may use. A token with all modules lists every module.</param>
/// <param name="ExpirationDate">When the key expires. While two keys work, the expiration of the older one. Null: never.</param>
/// <param name="RenewedExpirationDate">When the newer key expires. Null: only one key works, or the newer one never expires.</param>
/// <param name="RenewedToken">The complete API key that replaces the older one, only in the response to the request that created it.</param>
[SchemaName("auth.Token")]
internal record TokenBody(
    [property: ReadOnly(true)] string Id,
    [property: MaxLength(Token.NameLength)] string Name,
    [property: MaxLength(Token.DescriptionLength)] string? Description,
    [property: MaxLength(Token.ExternalIdLength)] string? ExternalId,
    OwnerBody Owner,
    [property: NameOf(typeof(TokenStatus))] string Status,
    ExtensionReferenceBody Extension,
    [property: ReadOnly(true)] string Handle,
    [property: ReadOnly(true), JsonIgnore(Condition = WhenWritingNull)] string? Token,
    [property: ReadOnly(true)] TokenEventsBody Events,
    PermissionBody[] Permissions,
    DateTimeOffset? ExpirationDate,
    DateTimeOffset? RenewedExpirationDate,
    [property: ReadOnly(true), JsonIgnore(Condition = WhenWritingNull)] string? RenewedToken)
{
    /// <summary>From when a pending token may be used. Omitted for other tokens.</summary>
    [JsonIgnore(Condition = WhenWritingNull)]
    public DateTimeOffset? StartDate { get; init; }

    /// <summary>The numbers of days before the expiration at which people are told; empty: never. Omitted: as configured.</summary>
    [JsonIgnore(Condition = WhenWritingNull)]
    public int[]? NoticeDays { get; init; }

    /// <param name="key">The key that was just created; null: none.</param>
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
            isRenewed ? key?.ToHeaderValue() : null)
        {
            StartDate = Bodies.Moment(token.StartsAt),
            NoticeDays = Tokens.NoticeDays.Parse(token.NoticeDays) is { } days ? [.. days] : null,
        };
    }

    public static string StatusOf(TokenRecord token) => token.Status.ToString().ToLowerInvariant();
}

/// <summary>The response to a change. By the contract, its description is never null.</summary>
[SchemaName("auth.ChangedToken")]
internal sealed record ChangedTokenBody : TokenBody
{
    public ChangedTokenBody(TokenBody token) : base(token) => Description = token.Description ?? "";

    // With a setter, the document would declare the field nullable.

    /// <summary>Empty: no description.</summary>
    [MaxLength(Data.Token.DescriptionLength)]
    public new string Description { get; init; }
}

/// <summary>The calling token in a response.</summary>
/// <param name="RateLimit">The rate limit; null: no limit.</param>
internal sealed record SelfBody(
    string Id,
    string Name,
    [property: NameOf(typeof(TokenStatus))] string Status,
    DateTimeOffset? ExpirationDate,
    DateTimeOffset? RenewedExpirationDate,
    PermissionBody[] Permissions,
    RateLimitBody? RateLimit);

/// <param name="Per"><c>second</c>, <c>minute</c>, <c>hour</c> or <c>day</c>.</param>
internal sealed record RateLimitBody(int Requests, [property: NameOf(typeof(RateUnit))] string Per);
