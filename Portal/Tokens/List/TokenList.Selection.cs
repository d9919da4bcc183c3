using Microsoft.AspNetCore.Components;
using Portal.Tokens.Bulk;
using Portal.Tokens.Reading;

namespace Portal.Tokens.List;

/// <summary>The selected tokens of the list, and the chosen columns.</summary>
public sealed partial class TokenList
{
    private const string Everything = "*";

    /// <summary>The browser sends them to the other node in one message.</summary>
    private const int MostCarried = 500;

    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    private IReadOnlySet<string> _selected = None;

    /// <summary>Whether all tokens that match the filters are selected, including those on other pages.</summary>
    private bool _allMatching;

    private string? _carriedSelection;

    private IReadOnlyList<TokenColumn>? _chosenColumns, _columnsOfAddress;

    /// <summary>The user and the selection, for the node on which the page continues if this one stops. A selection that is too large for this is
    /// lost.</summary>
    [PersistentState]
    public string? CarriedSelection
    {
        get => _allMatching ? $"{_actor!.Id} {Everything}"
            : _selected.Count is > 0 and <= MostCarried ? string.Join(' ', _selected.Prepend(_actor!.Id)) : null;
        set => _carriedSelection = value;
    }

    /// <summary>The columns in the address, else the ones that the user chose, else the default.</summary>
    private IReadOnlyList<TokenColumn> Columns => _columnsOfAddress ?? _chosenColumns ?? TokenColumns.Default;

    private IReadOnlySet<string> Selected => _allMatching && _page is not null ? _page.Rows.Select(row => row.Handle).ToHashSet(StringComparer.Ordinal) : _selected;

    private int SelectedCount => _allMatching ? _page!.Total : _selected.Count;

    private void Select(IReadOnlySet<string> handles) => (_selected, _allMatching) = (handles, false);

    /// <summary>Continues with the selection of the node on which the page was before.</summary>
    private void RestoreSelection()
    {
        if (_carriedSelection?.Split(' ') is not [var owner, .. var handles] || owner != _actor!.Id || _page is null)
            return;
        if (handles is [Everything])
            _allMatching = _page.Total > 0;
        else
            Select(handles.ToHashSet(StringComparer.Ordinal));
    }

    private void ClearSelection() => Select(None);

    /// <summary>Whether two queries find the same tokens, in whatever order and on whatever page.</summary>
    private static bool FindSameTokens(TokenQuery one, TokenQuery other) =>
        one == other with { Sort = one.Sort, Descending = one.Descending, Page = one.Page, PageSize = one.PageSize };

    private async Task ActOnSelectedAsync(TokenAction action)
    {
        var selection = _allMatching ? BulkSelection.AllOf(_query, SelectedCount) : BulkSelection.Of(_selected);
        if (!await bulk.RunAsync(_actor!, action, selection))
            return;
        ClearSelection();
        await LoadAsync();
    }

    /// <summary>Writes the selected tokens as CSV.</summary>
    private async Task<byte[]?> ExportSelectedAsync()
    {
        var export = _allMatching ? await exporter.OpenAsync(_actor!, _query, "csv", _gone.Token) : await exporter.OpenAsync(_actor!, _selected, "csv", _gone.Token);
        using var file = new MemoryStream();
        await TokenExportEndpoints.WriteCsvAsync(file, export.Tokens, _gone.Token);
        return file.ToArray();
    }

    /// <summary>Remembers the columns for the user. Those in the address applied only to that address.</summary>
    private async Task ChooseColumnsAsync(IReadOnlyList<TokenColumn>? columns)
    {
        await views.SaveColumnsAsync(_actor!, columns is null ? null : TokenColumns.Write(columns));
        _chosenColumns = columns;
        if (_columnsOfAddress is null)
        {
            await ReadActivityAsync();
            return;
        }

        _columnsOfAddress = null;
        navigation.NavigateTo(TokenListAddress.Write(_query), replace: true);
    }
}
