using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>The columns of the token list that users can choose. The name, the check box and the menu are always there.</summary>
public enum TokenColumn
{
    Handle,
    ExternalId,
    Extension,
    Status,
    Permissions,
    Owner,
    Created,
    Expires,
    LastUsed,

    /// <summary>The requests of the last days as a small graph, on wide screens.</summary>
    Activity,
}

/// <summary>Names, order and text form of the columns.</summary>
public static class TokenColumns
{
    /// <summary>The maximum length of <see cref="Write"/>.</summary>
    public const int MaximumLength = 100;

    /// <summary>The columns of a user who has chosen none.</summary>
    public static IReadOnlyList<TokenColumn> Default { get; } = [.. Enum.GetValues<TokenColumn>().Except([TokenColumn.ExternalId, TokenColumn.Owner])];

    public static string Describe(this TokenColumn column) => column switch
    {
        TokenColumn.ExternalId => Texts.Token_ExternalId,
        TokenColumn.Owner => Texts.Token_Owner,
        TokenColumn.Activity => Texts.TokenTable_Activity,
        _ => column.SortOrder()!.Value.Describe(),
    };

    /// <summary>The order of a click on the column's heading; null: the list can't be sorted by it.</summary>
    public static TokenSort? SortOrder(this TokenColumn column) => column switch
    {
        TokenColumn.Handle => TokenSort.Handle,
        TokenColumn.Extension => TokenSort.Extension,
        TokenColumn.Status => TokenSort.Status,
        TokenColumn.Permissions => TokenSort.Permissions,
        TokenColumn.Created => TokenSort.Created,
        TokenColumn.Expires => TokenSort.Expires,
        TokenColumn.LastUsed => TokenSort.LastUsed,
        _ => null,
    };

    /// <summary>The columns as text for addresses and storage: <c>handle,status</c>; <c>none</c> for no column.</summary>
    public static string Write(IEnumerable<TokenColumn> columns) =>
        string.Join(',', columns.Select(column => column.ToString().ToLowerInvariant())) is { Length: > 0 } text ? text : "none";

    /// <summary>Reads columns in the list's order. Unknown names are ignored, so that an old link still works.</summary>
    /// <returns>Null: the text is empty or names no column.</returns>
    public static IReadOnlyList<TokenColumn>? Read(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaximumLength)
            return null;
        if (text == "none")
            return [];
        var names = text.Split(',').ToHashSet(StringComparer.OrdinalIgnoreCase);
        TokenColumn[] columns = [.. Enum.GetValues<TokenColumn>().Where(column => names.Contains(column.ToString()))];
        return columns.Length > 0 ? columns : null;
    }
}
