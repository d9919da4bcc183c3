using Portal.Data;

namespace Portal.Tokens.Reading;

/// <summary>The sort orders of the token list.</summary>
public enum TokenSort
{
    Created,
    Name,
    Handle,
    Extension,
    Status,
    Permissions,
    Expires,
    LastUsed,
}

/// <summary>A query for one page of the token list.</summary>
public sealed record TokenQuery
{
    public const int LongestSearch = 128;
    public const int LargestPage = 100;
    public static readonly IReadOnlyList<int> PageSizes = [10, 25, 50, LargestPage];

    /// <summary>Words that a token must all contain, in any order and ignoring case: in the name, the handle with or without dashes, the external
    /// ID, the description, the name of its creator, or the fingerprint of any of its keys; empty: all tokens.</summary>
    public string Search { get; init; } = "";

    /// <summary>Null: every status except deleted.</summary>
    public TokenStatus? Status { get; init; }
    public string? ExtensionId { get; init; }
    public string? ModuleId { get; init; }

    /// <summary>Only tokens of this owner: the code of an <see cref="OwnerOption"/>, or <see cref="OwnerReader.Nobody"/>; null: all.</summary>
    public string? Owner { get; init; }

    /// <summary>Only tokens that the token with this handle created; null: all.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Only tokens whose key ends within <see cref="TokenOptions.ExpiringWithinDays"/>.</summary>
    public bool Expiring { get; init; }

    /// <summary>Only tokens not used for <see cref="TokenOptions.IdleAfterDays"/>.</summary>
    public bool Idle { get; init; }

    /// <summary>Only tokens that need attention for this reason, as <see cref="TokenAttentionReader"/> counts them; null: all.</summary>
    public TokenAttention? Attention { get; init; }

    /// <summary>Whether to include deleted tokens.</summary>
    public bool WithDeleted { get; init; }
    public TokenSort Sort { get; init; } = TokenSort.Created;
    public bool Descending { get; init; } = true;

    /// <summary>The number of the page, from 1.</summary>
    public int Page { get; init; } = 1;
    public int PageSize { get; init; } = 25;

    /// <summary>Whether the query has a filter, besides order and page.</summary>
    public bool IsFiltered => Search.Length > 0 || Status is not null || ExtensionId is not null || ModuleId is not null || Owner is not null || CreatedBy is not null || Expiring || Idle
        || Attention is not null || WithDeleted;
}

/// <summary>A row of the token list.</summary>
/// <param name="ModuleCount">The number of individually granted modules of the catalog; irrelevant with all modules.</param>
/// <param name="ExpiresAt">UTC; null: perpetual.</param>
public sealed record TokenRow(
    string Handle,
    string Name,
    TokenExtension Extension,
    TokenStatus Status,
    bool AllModules,
    int ModuleCount,
    TokenEvent Created,
    DateTime? ExpiresAt,
    DateTime? LastUsedAt,
    TokenActions Actions)
{
    public string? ExternalId { get; init; }

    /// <summary>Null: no owner.</summary>
    public OwnerName? Owner { get; init; }

    /// <summary>Whether both rows show the same. Their actions follow from what they show, and from the reader's role.</summary>
    public bool ShowsSameAs(TokenRow other) => (this with { Actions = other.Actions }) == other;
}

/// <summary>One page of tokens.</summary>
/// <param name="Total">The number of results on all pages.</param>
public sealed record TokenPage(IReadOnlyList<TokenRow> Rows, int Total);
