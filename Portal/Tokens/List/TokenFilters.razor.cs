using Microsoft.AspNetCore.Components;
using Portal.Catalog;

namespace Portal.Tokens.List;

/// <summary>What narrows the list. Every change is told as a whole query, back on its first page.</summary>
public sealed partial class TokenFilters(TimeProvider clock) : ComponentBase, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private ITimer? _typing;
    private string _search = "";
    private string _shown = "";

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
        // The address changed by something else than typing: back, a link, Clear.
        if (Query.Search != _shown)
            _search = _shown = Query.Search;
    }

    private void SearchLater(string? text)
    {
        _search = text ?? "";
        _typing?.Dispose();
        _typing = clock.CreateTimer(_ => InvokeAsync(SearchNow), null, Pause, Timeout.InfiniteTimeSpan);
    }

    private Task SearchNow()
    {
        _typing?.Dispose();
        var wanted = _search.Trim();
        if (wanted == _shown)
            return Task.CompletedTask;
        _shown = wanted;
        return Change(Query with { Search = wanted });
    }

    private Task Change(TokenQuery query) => QueryChanged.InvokeAsync(query with { Page = 1 });

    private Task Clear() => QueryChanged.InvokeAsync(new TokenQuery { Sort = Query.Sort, Descending = Query.Descending, PageSize = Query.PageSize });

    private static string Pressed(bool on) => on ? "true" : "false";

    private static string? Text(ChangeEventArgs change) => change.Value?.ToString() is { Length: > 0 } text ? text : null;

    private static TokenStatus? Parse(ChangeEventArgs change) => Enum.TryParse<TokenStatus>(change.Value?.ToString(), out var status) ? status : null;
}
