namespace Portal.Tokens.Reading;

/// <summary>What the list of tokens can be ordered by.</summary>
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

/// <summary>Which page of which tokens is wanted, in which order.</summary>
public sealed record TokenQuery
{
    public const int LongestSearch = 128;
    public const int LargestPage = 100;
    public static readonly IReadOnlyList<int> PageSizes = [10, 25, 50, LargestPage];

    /// <summary>Found in name, handle, external ID or description, ignoring case; empty: everything.</summary>
    public string Search { get; init; } = "";

    /// <summary>Null: every status but deleted.</summary>
    public TokenStatus? Status { get; init; }
    public string? ExtensionId { get; init; }
    public string? ModuleId { get; init; }

    /// <summary>Only tokens that the token with this handle created; null: all.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Only tokens whose key ends within <see cref="TokenOptions.ExpiringWithinDays"/>.</summary>
    public bool Expiring { get; init; }

    /// <summary>Only tokens not used for <see cref="TokenOptions.IdleAfterDays"/>.</summary>
    public bool Idle { get; init; }

    /// <summary>Deleted tokens too.</summary>
    public bool WithDeleted { get; init; }
    public TokenSort Sort { get; init; } = TokenSort.Created;
    public bool Descending { get; init; } = true;

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;
    public int PageSize { get; init; } = 25;

    /// <summary>Whether anything but order and page is asked for.</summary>
    public bool IsFiltered => Search.Length > 0 || Status is not null || ExtensionId is not null || ModuleId is not null || CreatedBy is not null || Expiring || Idle || WithDeleted;
}

/// <summary>A token as the list shows it.</summary>
/// <param name="ModuleCount">Modules of the catalogue that it may use by name; does not matter with all modules.</param>
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
    TokenActions Actions);

/// <summary>One page of tokens.</summary>
/// <param name="Total">How many the query finds on all pages.</param>
public sealed record TokenPage(IReadOnlyList<TokenRow> Rows, int Total);
