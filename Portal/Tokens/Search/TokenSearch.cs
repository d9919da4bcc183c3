using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Search;

/// <summary>A search that <see cref="TokenIndex"/> answers in memory.</summary>
/// <param name="Words">As <see cref="SearchWords.Parse"/> returns them; empty: any text.</param>
/// <param name="Deleted">How to treat deleted tokens.</param>
/// <param name="Clock">The time that determines the statuses.</param>
public sealed record TokenSearch(IReadOnlyList<string> Words, DeletedTokens Deleted, StatusClock Clock)
{
    /// <summary>Null: any status.</summary>
    public TokenStatus? Status { get; init; }

    /// <summary>Null: any extension.</summary>
    public string? ExtensionId { get; init; }

    /// <summary>The IDs of owners, with 0 for none; null: any.</summary>
    public IReadOnlySet<int>? Owners { get; init; }

    /// <summary>Only tokens that may use the module with this index in the catalog; null: any.</summary>
    public int? Module { get; init; }

    /// <summary>Only tokens that are enabled and have a live key.</summary>
    public bool Working { get; init; }

    /// <summary>Only tokens whose newest key ends within the window of the clock.</summary>
    public bool Expiring { get; init; }

    /// <summary>Only idle tokens; null: any.</summary>
    internal IdleUse? Use { get; init; }

    /// <summary>The IDs of tokens to leave out; null: none.</summary>
    public IReadOnlySet<long>? Except { get; init; }

    /// <summary>Whether it asks for more than text.</summary>
    public bool HasProperties => Status is not null || ExtensionId is not null || Owners is not null || Module is not null || Working || Expiring
        || Use is not null || Except is not null;
}

/// <summary>Selects tokens that are idle.</summary>
/// <param name="WasUsed">Only tokens that were ever used; otherwise also those that were created so long ago.</param>
internal sealed record IdleUse(UsedTokens Tokens, bool WasUsed);

/// <summary>A token as the index reads it.</summary>
public sealed record IndexedToken(
    long Id, string Handle, string SearchText, string CreatedByName, string ExtensionId, StoredStatus Status, DateTime CreatedAt, DateTime? ExpiresAt,
    DateTime? PreviousEndsAt, bool IsDeleted)
{
    public bool AllModules { get; init; }

    /// <summary>The ID of its owner; 0: none.</summary>
    public int OwnerId { get; init; }

    /// <summary>The individually granted modules of the catalog, as a bit for the index of each.</summary>
    public UInt128 Modules { get; init; }

    /// <summary>The fingerprints of all its secrets, live or retired.</summary>
    public IReadOnlyList<string> Fingerprints { get; init; } = [];

    /// <summary>All text that finds the token, in upper case, with a line feed around each part. No word contains one, so none matches across parts or
    /// tokens.</summary>
    public string Text => $"\n{SearchText}\n{Handle.Replace("-", "", StringComparison.Ordinal)}\n{CreatedByName.ToUpperInvariant()}\n"
        + string.Concat(Fingerprints.Select(fingerprint => $"{ApiKey.Mask(fingerprint.ToUpperInvariant())}\n"));
}
