using Microsoft.AspNetCore.Components;
using Portal.Catalog;

namespace Portal.Tokens.List;

/// <summary>What narrows the list. Every change is told as a whole query, back on its first page.</summary>
public sealed partial class TokenFilters(TimeProvider clock) : ComponentBase, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Searches that were asked for and do not stand in the address yet: that takes a round trip to the browser,
    /// in which one types on.</summary>
    private readonly Queue<string> _underway = new();
    private ITimer? _typing;
    private string _search = "";
    private string _given = "";

    [Parameter, EditorRequired]
    public TokenQuery Query { get; set; } = new();

    [Parameter, EditorRequired]
    public ModuleCatalog Catalog { get; set; } = default!;

    [Parameter, EditorRequired]
    public TokenOptions Options { get; set; } = new();

    [Parameter]
    public EventCallback<TokenQuery> QueryChanged { get; set; }

    public void Dispose() => _typing?.Dispose();

    protected override void OnParametersSet()
    {
        if (Query.Search == _given)
            return;
        _given = Query.Search;
        if (_underway.Contains(_given))
        {
            while (_underway.Dequeue() != _given)
            {
            }
        }
        else
        {
            // The address changed by something else than typing: back, a link.
            _underway.Clear();
            _search = _given;
        }
    }

    private void SearchLater(string? text)
    {
        _search = text ?? "";
        _typing?.Dispose();
        _typing = clock.CreateTimer(_ => InvokeAsync(SearchNow), null, Pause, Timeout.InfiniteTimeSpan);
    }

    private Task SearchNow() => _search.Trim() == Asked ? Task.CompletedTask : Change(Query);

    /// <summary>What the list is searched for, now or in a moment.</summary>
    private string Asked => _underway.Count > 0 ? _underway.Last() : _given;

    /// <summary>Any change takes along what is typed so far.</summary>
    private Task Change(TokenQuery query)
    {
        _typing?.Dispose();
        var search = _search.Trim();
        if (search != Asked)
            _underway.Enqueue(search);
        return QueryChanged.InvokeAsync(query with { Search = search, Page = 1 });
    }

    private Task Clear()
    {
        _search = "";
        return Change(new TokenQuery { Sort = Query.Sort, Descending = Query.Descending, PageSize = Query.PageSize });
    }

    private static string Pressed(bool on) => on ? "true" : "false";

    private static string? Text(ChangeEventArgs change) => change.Value?.ToString() is { Length: > 0 } text ? text : null;

    private static TokenStatus? Parse(ChangeEventArgs change) => Enum.TryParse<TokenStatus>(change.Value?.ToString(), out var status) ? status : null;
}
